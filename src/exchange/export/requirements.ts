import { refuseDegree } from "../../engines/tensor-degree.js";
import { countLayers, extractChains, type Chain } from "./chains.js";
import { describeTrimmed } from "./pipeline-runs.js";
import type { Exported, ExportOutcome, ExportRequest, Refusal } from "./outcome.js";

/** Something a target asks of every chain. */
export type Requirement = (chain: Chain) => readonly Refusal[];

/** Exports chain by chain, or refuses with everything that is in the way. */
export function exportChains(
  request: ExportRequest,
  requirements: readonly Requirement[],
  build: (chains: readonly Chain[]) => Omit<Exported, "kind">,
): ExportOutcome {
  const extracted =
    request.chains === undefined
      ? extractChains(request.cluster, request.file, request.served)
      : ({ kind: "chains", chains: request.chains } as const);
  if (extracted.kind === "refused") return extracted;
  const refusals = extracted.chains.flatMap((chain) =>
    requirements.flatMap((requirement) => requirement(chain)),
  );
  if (refusals.length > 0) return { kind: "refused", refusals };
  const built = build(extracted.chains);
  const notes = [...built.notes, ...describeTrimmed(request.file)];
  return { kind: "exported", ...built, notes };
}

const AS_SINGLE_GPUS =
  'Describe such a machine in the cluster file as several nodes of one GPU each ("gpus": 1, "count": …), or leave it out with --drain, and plan again with --chains-only.';

/** The same number of GPUs on every node of a chain. */
export const uniformGpus: Requirement = (chain) => {
  const least = Math.min(...chain.stages.map(({ gpus }) => gpus));
  return chain.stages
    .filter(({ gpus }) => gpus !== least)
    .map(({ id, gpus, layers }) => ({
      reason: `${chain.name} needs the same number of GPUs (tensor parallel) on every node; this one has ${gpus}, others ${least}`,
      nodes: [id],
      layers: [layers],
      remedy: AS_SINGLE_GPUS,
    }));
};

/** A number of GPUs per node over which the engine can split attention. */
export function divisible({ cluster }: ExportRequest): Requirement {
  return (chain) =>
    chain.stages.flatMap(({ id, gpus, layers }): readonly Refusal[] => {
      const why = refuseDegree(cluster.model, gpus);
      if (why === undefined) return [];
      return [
        {
          reason: `the model has ${why} (tensor parallel)`,
          nodes: [id],
          layers: [layers],
          remedy: `Describe such a machine in the cluster file with a number of "gpus" that divides the heads, or as several nodes of one GPU each ("gpus": 1, "count": …), and plan again.`,
        },
      ];
    });
}

/** One GPU per node. */
export const singleGpus: Requirement = (chain) =>
  chain.stages
    .filter(({ gpus }) => gpus !== 1)
    .map(({ id, gpus, layers }) => ({
      reason: `the target has no tensor parallelism; this node has ${gpus} GPUs as one`,
      nodes: [id],
      layers: [layers],
      remedy: AS_SINGLE_GPUS,
    }));

/** Ranks that cannot be pinned to nodes: any node must be able to take any stage. */
export const interchangeable: Requirement = (chain) =>
  refuseMixed(
    chain,
    chain.stages,
    "the ranks of this target cannot be pinned to nodes, so an uneven split needs one machine type",
  );

/** All stages but the first come from one template. */
export const interchangeableWorkers: Requirement = (chain) =>
  refuseMixed(
    chain,
    chain.stages.slice(1),
    "all nodes after the first share one template, so an uneven split needs one machine type there",
  );

function refuseMixed(chain: Chain, stages: Chain["stages"], reason: string): readonly Refusal[] {
  const machines = new Set(stages.map(({ machine }) => machine));
  const sizes = new Set(
    countLayers({ ...chain, stages }), // of these stages only
  );
  if (machines.size <= 1 || sizes.size <= 1) return [];
  return [
    {
      reason: `${chain.name}: ${reason}; here are ${[...machines].join(", ")}`,
      nodes: stages.map(({ id }) => id),
      layers: stages.map(({ layers }) => layers),
      remedy:
        "Export to vllm, sglang or llama.cpp, which pin ranks to nodes; or plan one machine type at a time (--drain the others, with --chains-only).",
    },
  ];
}
