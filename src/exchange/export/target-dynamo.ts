import { countLayers, type Chain } from "./chains.js";
import { literalArgument } from "./kubernetes.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains, interchangeable, uniformGpus } from "./requirements.js";
import { toYaml } from "./yaml.js";

const IMAGE = "nvcr.io/nvidia/ai-dynamo/vllm-runtime:latest";

/** NVIDIA Dynamo on Kubernetes: one graph per chain, with a frontend and a worker over its nodes. */
export function exportDynamo(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus, interchangeable], (chains) => ({
    files: chains.map((chain) => ({
      path: `${chain.name}.yaml`,
      text: toYaml(describeGraph(request, chain)),
    })),
    steps: [
      ...chains.map(
        ({ name, weight }) => `${name} (weight ${weight}): \`kubectl apply -f ${name}.yaml\``,
      ),
      ...(chains.length === 1
        ? []
        : [
            "Divide requests between the frontends by the weights above, for instance with target envoy or nginx.",
          ]),
    ],
    notes: [
      "Dynamo decides which node takes which rank; the plan's node names are not carried. It is exported because any node of a chain can take any of its stages.",
      `The image is \`${IMAGE}\`: pin a version you have tested.`,
      "Each chain is a graph of its own: one frontend over all chains would route by cache and load, not by the plan's weights.",
    ],
  }));
}

function describeGraph(request: ExportRequest, chain: Chain): object {
  const { gpus } = chain.stages[0]!;
  const depth = chain.stages.length;
  return {
    apiVersion: "nvidia.com/v1alpha1",
    kind: "DynamoGraphDeployment",
    metadata: { name: chain.name },
    spec: {
      services: {
        Frontend: {
          componentType: "frontend",
          replicas: 1,
          extraPodSpec: { mainContainer: { image: IMAGE } },
        },
        Worker: {
          componentType: "worker",
          replicas: 1,
          ...(depth === 1 ? {} : { multinode: { nodeCount: depth } }),
          resources: { limits: { gpu: String(gpus) } },
          extraPodSpec: {
            mainContainer: {
              image: IMAGE,
              command: ["python3", "-m", "dynamo.vllm"],
              args: [
                ["--model", literalArgument(request.model)],
                ["--tensor-parallel-size", String(gpus)],
                ["--pipeline-parallel-size", String(depth)],
                ...(chain.maxBatch === undefined
                  ? []
                  : [["--max-num-seqs", String(chain.maxBatch)]]),
              ].flat(),
              env: [{ name: "VLLM_PP_LAYER_PARTITION", value: countLayers(chain).join(",") }],
            },
          },
        },
      },
    },
  };
}
