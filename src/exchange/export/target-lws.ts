import { countLayers, type Chain } from "./chains.js";
import { API_PORT, hostOf } from "./endpoint.js";
import { literalArgument } from "./kubernetes.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteShell } from "../../core/quote-shell.js";
import { quoteMarkdown } from "./quote.js";
import { exportChains, interchangeableWorkers, uniformGpus } from "./requirements.js";
import { toYaml } from "./yaml.js";

const MASTER_PORT = 29_501;
const IMAGE = "vllm/vllm-openai:latest";
const LABEL = "helix-place.dev";

/**
 * Kubernetes LeaderWorkerSet with vLLM inside, one per chain: the rank is the worker's index. All
 * workers come from one template, so only the leader may be of another machine type.
 */
export function exportLws(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus, interchangeableWorkers], (chains) => ({
    files: chains.map((chain) => ({
      path: `${chain.name}.yaml`,
      text: toYaml(describeSet(request, chain), describeService(chain)),
    })),
    steps: chains.flatMap((chain) => [
      `${chain.name} (weight ${chain.weight}): label its nodes, then apply it:\n${labels(request, chain)}\n   - ${quoteMarkdown(`kubectl apply -f ${chain.name}.yaml`)}`,
    ]),
    notes: [
      "Which worker lands on which of a chain's worker nodes is up to Kubernetes; they are of one machine type, or split evenly.",
      ...chains
        .filter(({ stages }) => new Set(stages.slice(1).map(({ region }) => region)).size > 1)
        .map(
          ({ name }) =>
            `The workers of ${name} stand in several regions: a hop may cross regions more often than in the plan. Target vllm pins every rank.`,
        ),
      `The image is \`${IMAGE}\`: pin a version you have tested. Every chain has a Service of its name on port ${API_PORT}; target k8s-gateway divides requests between them.`,
    ],
  }));
}

function labels(request: ExportRequest, chain: Chain): string {
  return chain.stages
    .map(({ id }, rank) => {
      const role = rank === 0 ? "leader" : "worker";
      const command = `kubectl label node ${quoteShell(hostOf(request, id))} ${LABEL}/chain=${chain.name} ${LABEL}/role=${role}`;
      return `   - ${quoteMarkdown(command)}`;
    })
    .join("\n");
}

function describeSet(request: ExportRequest, chain: Chain): object {
  const size = chain.stages.length;
  return {
    apiVersion: "leaderworkerset.x-k8s.io/v1",
    kind: "LeaderWorkerSet",
    metadata: { name: chain.name },
    spec: {
      replicas: 1,
      leaderWorkerTemplate: {
        size,
        leaderTemplate: podTemplate(request, chain, "leader"),
        workerTemplate: podTemplate(request, chain, "worker"),
      },
    },
  };
}

function podTemplate(request: ExportRequest, chain: Chain, role: "leader" | "worker"): object {
  const { gpus } = chain.stages[0]!;
  const own = { [`${LABEL}/chain`]: chain.name, [`${LABEL}/role`]: role };
  return {
    metadata: { labels: own },
    spec: {
      nodeSelector: own,
      containers: [
        {
          name: "vllm",
          image: IMAGE,
          command: ["vllm", "serve", literalArgument(request.model), ...engineOptions(chain, role)],
          env: [{ name: "VLLM_PP_LAYER_PARTITION", value: countLayers(chain).join(",") }],
          resources: { limits: { "nvidia.com/gpu": String(gpus) } },
          ...(role === "leader"
            ? {
                ports: [{ containerPort: API_PORT }],
                readinessProbe: { httpGet: { path: "/health", port: API_PORT } },
              }
            : {}),
        },
      ],
    },
  };
}

/** Kubernetes itself puts the variables of LeaderWorkerSet in place of `$(NAME)`. */
function engineOptions(chain: Chain, role: "leader" | "worker"): readonly string[] {
  const depth = chain.stages.length;
  const ranks = [
    ["--nnodes", String(depth), "--node-rank", "$(LWS_WORKER_INDEX)"],
    ["--master-addr", "$(LWS_LEADER_ADDRESS)", "--master-port", String(MASTER_PORT)],
  ];
  return [
    ["--tensor-parallel-size", String(chain.stages[0]!.gpus)],
    ["--pipeline-parallel-size", String(depth)],
    ["--distributed-executor-backend", "mp"],
    ...(depth === 1 ? [] : ranks),
    ...(chain.maxBatch === undefined ? [] : [["--max-num-seqs", String(chain.maxBatch)]]),
    role === "leader" ? ["--port", String(API_PORT)] : ["--headless"],
  ].flat();
}

function describeService(chain: Chain): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: chain.name },
    spec: {
      selector: { [`${LABEL}/chain`]: chain.name, [`${LABEL}/role`]: "leader" },
      ports: [{ name: "http", port: API_PORT, targetPort: API_PORT }],
    },
  };
}
