import { countLayers, type Chain } from "./chains.js";
import {
  downloadEnvironment,
  labelCommand,
  nodeLabel,
  STALE_LABELS,
  literalArgument,
  modelVolume,
  nodesAnnotation,
  SHARED_MEMORY,
  VOLUME_STEP,
} from "./kubernetes.js";
import { kubernetesNode } from "./hosts.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { divisible, exportChains, interchangeable, uniformGpus } from "./requirements.js";
import { listUnsaid } from "./settings.js";
import { listUnlikeCards } from "./unlike-cards.js";
import { toWords, vllmOptions } from "./vllm-options.js";
import { describeWeights } from "./weight-types.js";
import { toYaml } from "./yaml.js";

const IMAGE = "nvcr.io/nvidia/ai-dynamo/vllm-runtime:1.2.0";

/** NVIDIA Dynamo on Kubernetes: one graph per chain, with a frontend and a worker over its nodes. */
export function exportDynamo(request: ExportRequest): ExportOutcome {
  const requirements = [uniformGpus, divisible(request), interchangeable];
  return exportChains(request, requirements, (chains) => ({
    files: chains.map((chain) => ({
      path: `${chain.name}.yaml`,
      text: toYaml(describeGraph(request, chain)),
    })),
    steps: [
      VOLUME_STEP,
      ...chains.map(
        (chain) =>
          `${chain.name} (weight ${chain.weight}): label its nodes, then apply it:\n${labels(request, chain)}\n   - \`kubectl apply -f ${chain.name}.yaml\``,
      ),
      ...(chains.length === 1
        ? []
        : [
            "Divide requests between the frontends by the weights above, for instance with target envoy or nginx.",
          ]),
    ],
    notCarried: [
      ...listUnsaid(request, chains),
      ...listUnlikeCards(request, chains),
      "which node of a chain takes which rank: Dynamo chooses. It is exported because any node of a chain can take any of its stages",
    ],
    notes: [
      `The image is \`${IMAGE}\`, the release whose \`nvidia.com/v1beta1\` objects these are.`,
      "Chains over several nodes need Grove or LeaderWorkerSet installed beside Dynamo's operator.",
      "Each chain is a graph of its own: one frontend over all chains would route by cache and load, not by the plan's weights.",
      STALE_LABELS,
      ...describeWeights(request.cluster.model, request.model),
    ],
  }));
}

/** Dynamo chooses the rank of a node by itself. */
const ROLE = "worker";

function labels(request: ExportRequest, chain: Chain): string {
  const label = nodeLabel(chain.name, ROLE);
  const lines = chain.stages.map(
    ({ id }) => `   - ${quoteMarkdown(labelCommand(kubernetesNode(request, id), label))}`,
  );
  return [...new Set(lines)].join("\n");
}

function describeGraph(request: ExportRequest, chain: Chain): object {
  return {
    apiVersion: "nvidia.com/v1beta1",
    kind: "DynamoGraphDeployment",
    metadata: { name: chain.name, annotations: nodesAnnotation(chain) },
    spec: {
      backendFramework: "vllm",
      components: [
        {
          name: "Frontend",
          type: "frontend",
          replicas: 1,
          podTemplate: { spec: { containers: [{ name: "main", image: IMAGE }] } },
        },
        describeWorker(request, chain),
      ],
    },
  };
}

function describeWorker(request: ExportRequest, chain: Chain): object {
  const { gpus } = chain.stages[0]!;
  const depth = chain.stages.length;
  const { volume, mount } = modelVolume(request.model);
  const words = [
    ["--model", literalArgument(request.model)],
    ["--tensor-parallel-size", String(gpus)],
    ["--pipeline-parallel-size", String(depth)],
    ...toWords(vllmOptions(request, chain)),
  ];
  return {
    name: "Worker",
    type: "worker",
    replicas: 1,
    ...(depth === 1 ? {} : { multinode: { nodeCount: depth } }),
    sharedMemorySize: SHARED_MEMORY,
    podTemplate: {
      spec: {
        nodeSelector: nodeLabel(chain.name, ROLE),
        containers: [
          {
            name: "main",
            image: IMAGE,
            command: ["python3", "-m", "dynamo.vllm"],
            args: words.flat(),
            env: [
              { name: "VLLM_PP_LAYER_PARTITION", value: countLayers(chain).join(",") },
              ...downloadEnvironment(request.model),
            ],
            resources: { limits: { "nvidia.com/gpu": String(gpus) } },
            volumeMounts: [mount],
          },
        ],
        volumes: [volume],
      },
    },
  };
}
