import { groupChains } from "./chain-groups.js";
import { countLayers, type Chain } from "./chains.js";
import { API_PORT } from "./endpoint.js";
import { kubernetesNode } from "./hosts.js";
import {
  describeService,
  downloadEnvironment,
  LABEL,
  labelCommand,
  nodeLabel,
  STALE_LABELS,
  literalArgument,
  modelVolume,
  nodesAnnotation,
  serviceName,
  SHARED_VOLUME,
  VOLUME_STEP,
} from "./kubernetes.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { divisible, exportChains, interchangeableWorkers, uniformGpus } from "./requirements.js";
import { VLLM_VERSION } from "./target-vllm.js";
import { listUnsaid } from "./settings.js";
import { listUnlikeCards } from "./unlike-cards.js";
import { toWords, vllmOptions } from "./vllm-options.js";
import { describeWeights } from "./weight-types.js";
import { toYaml } from "./yaml.js";

const MASTER_PORT = 29_501;
const IMAGE = `vllm/vllm-openai:v${VLLM_VERSION}`;

/**
 * Kubernetes LeaderWorkerSet with vLLM inside, one per chain: the rank is the worker's index. All
 * workers come from one template, so only the leader may be of another machine type.
 */
export function exportLws(request: ExportRequest): ExportOutcome {
  const requirements = [uniformGpus, divisible(request), interchangeableWorkers];
  return exportChains(request, requirements, (chains) => {
    const groups = new Map(
      groupChains(chains).flatMap((group) =>
        group.chains.map(({ name }) => [name, group.name] as const),
      ),
    );
    return {
      files: chains.map((chain) => ({
        path: `${chain.name}.yaml`,
        text: toYaml(
          describeSet(request, chain, groups.get(chain.name)!),
          describeService(chain.name, { [`${LABEL}/chain`]: chain.name }),
        ),
      })),
      steps: [
        VOLUME_STEP,
        ...chains.map(
          (chain) =>
            `${chain.name} (weight ${chain.weight}): label its nodes, then apply it:\n${labels(request, chain)}\n   - ${quoteMarkdown(`kubectl apply -f ${chain.name}.yaml`)}`,
        ),
      ],
      notCarried: [
        ...listUnsaid(request, chains),
        ...listUnlikeCards(request, chains),
        "which of a chain's worker nodes takes which stage: Kubernetes chooses, and they are of one machine type or split evenly",
      ],
      notes: [
        "Nodes are called by their hosts; where --addresses gives an address, by their id, since Kubernetes knows nodes by names only.",
        ...chains
          .filter(({ stages }) => new Set(stages.slice(1).map(({ region }) => region)).size > 1)
          .map(
            ({ name }) =>
              `The workers of ${name} stand in several regions: a hop may cross regions more often than in the plan. Target vllm pins every rank.`,
          ),
        `The image is \`${IMAGE}\`, whose options these are. Every chain has a Service (\`${serviceName("chain-1")}\` …) on port ${API_PORT}, beside the headless one of the set's own name that LeaderWorkerSet makes; target k8s-gateway divides requests between them.`,
        STALE_LABELS,
        ...describeWeights(request.cluster.model, request.model),
      ],
    };
  });
}

function labels(request: ExportRequest, chain: Chain): string {
  const lines = chain.stages.map(({ id }, rank) => {
    const label = nodeLabel(chain.name, rank === 0 ? "leader" : "worker");
    return `   - ${quoteMarkdown(labelCommand(kubernetesNode(request, id), label))}`;
  });
  return [...new Set(lines)].join("\n");
}

function describeSet(request: ExportRequest, chain: Chain, group: string): object {
  return {
    apiVersion: "leaderworkerset.x-k8s.io/v1",
    kind: "LeaderWorkerSet",
    metadata: { name: chain.name, annotations: nodesAnnotation(chain) },
    spec: {
      replicas: 1,
      leaderWorkerTemplate: {
        size: chain.stages.length,
        leaderTemplate: podTemplate(request, chain, { role: "leader", group }),
        workerTemplate: podTemplate(request, chain, { role: "worker", group }),
      },
    },
  };
}

interface PodPlace {
  readonly role: "leader" | "worker";
  readonly group: string;
}

function podTemplate(request: ExportRequest, chain: Chain, { role, group }: PodPlace): object {
  const { gpus } = chain.stages[0]!;
  const own = { [`${LABEL}/chain`]: chain.name, [`${LABEL}/role`]: role };
  const places = [SHARED_VOLUME, modelVolume(request.model)];
  return {
    metadata: { labels: { ...own, [`${LABEL}/group`]: group } },
    spec: {
      nodeSelector: nodeLabel(chain.name, role),
      containers: [
        {
          name: "vllm",
          image: IMAGE,
          command: [
            "vllm",
            "serve",
            literalArgument(request.model),
            ...engineOptions(request, chain, role),
          ],
          env: [
            { name: "VLLM_PP_LAYER_PARTITION", value: countLayers(chain).join(",") },
            { name: "VLLM_HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            ...downloadEnvironment(request.model),
          ],
          resources: { limits: { "nvidia.com/gpu": String(gpus) } },
          volumeMounts: places.map(({ mount }) => mount),
          ...(role === "leader"
            ? {
                ports: [{ containerPort: API_PORT }],
                readinessProbe: { httpGet: { path: "/health", port: API_PORT } },
              }
            : {}),
        },
      ],
      volumes: places.map(({ volume }) => volume),
    },
  };
}

/** Kubernetes itself puts the variables of LeaderWorkerSet in place of `$(NAME)`. */
function engineOptions(
  request: ExportRequest,
  chain: Chain,
  role: PodPlace["role"],
): readonly string[] {
  const depth = chain.stages.length;
  const workers = chain.stages.slice(1);
  const ranks = role === "leader" || workers.length === 0 ? chain.stages.slice(0, 1) : workers;
  const group = [
    ["--nnodes", String(depth), "--node-rank", "$(LWS_WORKER_INDEX)"],
    ["--master-addr", "$(LWS_LEADER_ADDRESS)", "--master-port", String(MASTER_PORT)],
  ];
  return [
    ["--tensor-parallel-size", String(chain.stages[0]!.gpus)],
    ["--pipeline-parallel-size", String(depth)],
    ["--distributed-executor-backend", "mp"],
    ...(depth === 1 ? [] : group),
    ...toWords(vllmOptions(request, chain, ranks)),
    role === "leader" ? ["--host", "0.0.0.0", "--port", String(API_PORT)] : ["--headless"],
  ].flat();
}
