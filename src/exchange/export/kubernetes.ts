import { quoteShell } from "../../core/quote-shell.js";
import { API_PORT } from "./endpoint.js";

/** The domain of the labels on nodes and pods. */
export const LABEL = "helix-place.dev";

/** The nodes of a chain in stage order, for those who read the object back. */
export function nodesAnnotation({
  stages,
}: {
  readonly stages: readonly { readonly id: string }[];
}): Readonly<Record<string, string>> {
  return { [`${LABEL}/nodes`]: JSON.stringify(stages.map(({ id }) => id)) };
}

/**
 * The label of the nodes that a chain's pods of a role may go to. Each has a key of its own: a host whose cards are in several chains,
 * or in several places of one, carries several.
 */
export function nodeLabel(chain: string, role: string): Readonly<Record<string, string>> {
  return { [`${LABEL}/${chain}-${role}`]: "here" };
}

/** The command that gives a node such a label. */
export function labelCommand(node: string, label: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(label).map(([key, value]) => `${key}=${value}`);
  return `kubectl label node ${quoteShell(node)} ${pairs.join(" ")}`;
}

/** What to do with labels that an earlier plan has left. */
export const STALE_LABELS = `Nodes that an earlier plan labelled for chains of the same names draw their pods, too: take such labels away first (\`kubectl label node NODE ${LABEL}/chain-1-ROLE-\`, with the minus at the end).`;

/** A container argument without variables of Kubernetes: `$(NAME)` in data stays what it is. */
export function literalArgument(text: string): string {
  return text.replaceAll("$", () => "$$");
}

/** The Service of a chain (or a group of chains). LeaderWorkerSet makes one of the set's own name itself. */
export function serviceName(name: string): string {
  return `${name}-api`;
}

/** A Service over the leaders that carry these labels. */
export function describeService(name: string, labels: Readonly<Record<string, string>>): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: serviceName(name) },
    spec: {
      selector: { ...labels, [`${LABEL}/role`]: "leader" },
      ports: [{ name: "http", port: API_PORT, targetPort: API_PORT }],
    },
  };
}

/** The claim that holds the weights, and the secret with the token that downloads them. */
const MODEL_CLAIM = "models";
const TOKEN_SECRET = "hf-token";
/** Memory that ranks on one node share through; containers have 64 MiB otherwise. */
export const SHARED_MEMORY = "16Gi";

/** Where the weights are mounted: the folder of a path, else a place of its own. */
function modelFolder(model: string): string {
  const folder = model.slice(0, model.lastIndexOf("/"));
  return model.startsWith("/") && folder !== "" ? folder : "/models";
}

/** The weights as a pod mounts them. */
export function modelVolume(model: string): { readonly volume: object; readonly mount: object } {
  return {
    volume: { name: "models", persistentVolumeClaim: { claimName: MODEL_CLAIM } },
    mount: { name: "models", mountPath: modelFolder(model) },
  };
}

/** Shared memory of a pod's own size. */
export const SHARED_VOLUME = {
  volume: { name: "shm", emptyDir: { medium: "Memory", sizeLimit: SHARED_MEMORY } },
  mount: { name: "shm", mountPath: "/dev/shm" },
} as const;

/** Where downloads go, and the token for them where there is one. */
export function downloadEnvironment(model: string): readonly object[] {
  return [
    { name: "HF_HOME", value: modelFolder(model) },
    {
      name: "HF_TOKEN",
      valueFrom: { secretKeyRef: { name: TOKEN_SECRET, key: "token", optional: true } },
    },
  ];
}

/** The steps before anything is applied. */
export const VOLUME_STEP = `Make a claim \`${MODEL_CLAIM}\` that all nodes can mount (ReadWriteMany, or the weights copied to every node) and, where weights are downloaded, the secret: \`kubectl create secret generic ${TOKEN_SECRET} --from-literal=token=…\`.`;
