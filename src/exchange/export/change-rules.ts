import type { ExportTargetName } from "./targets.js";

/** What a change has to know of a target. */
export interface ChangeRules {
  /** False: it does not run whole chains, so that nothing of a change can be written step by step. */
  readonly chains?: false;
  /** More chains than a rule takes backends stand behind one Service. */
  readonly groupsChains?: true;
  /** How a chain that runs ends, where that is not to end the processes on its nodes. */
  readonly stop?: (chain: string) => string;
}

const deleteManifest = (chain: string): string =>
  `\`kubectl delete -f ${chain}.yaml\`, the file with which it was applied`;

/** By target; the others run whole chains, whose processes are ended. */
export const CHANGE_RULES: Readonly<Partial<Record<ExportTargetName, ChangeRules>>> = {
  petals: { chains: false },
  parallax: { chains: false },
  helix: { chains: false },
  exo: { stop: () => "delete its instance in exo" },
  ray: { stop: () => "the new file leaves it out" },
  lws: { groupsChains: true, stop: deleteManifest },
  dynamo: { stop: deleteManifest },
  gpustack: { stop: (chain) => `delete the model \`${chain}\` in GPUStack` },
  "k8s-gateway": { groupsChains: true },
};
