import { countLayers, type Chain } from "./chains.js";
import { devicesOf, kubernetesNode } from "./hosts.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { divisible, exportChains, interchangeable, uniformGpus } from "./requirements.js";
import { listUnsaid } from "./settings.js";
import { toWords, vllmOptions } from "./vllm-options.js";
import { describeWeights } from "./weight-types.js";

/**
 * GPUStack: a model per chain for its API, with vLLM's environment and parameters and the cards it may
 * use. Whether ranks follow the order of these cards is not settled, so any node of a chain must be
 * able to take any stage.
 */
export function exportGpuStack(request: ExportRequest): ExportOutcome {
  const requirements = [uniformGpus, divisible(request), interchangeable];
  return exportChains(request, requirements, (chains) => ({
    files: chains.map((chain) => ({
      path: `${chain.name}.json`,
      text: `${JSON.stringify(describeModel(request, chain), null, 2)}\n`,
    })),
    steps: [
      'Set `GPUSTACK` to the server\'s URL and `GPUSTACK_KEY` to an API key, then per chain: `curl -X POST "$GPUSTACK/v2/models" -H "Authorization: Bearer $GPUSTACK_KEY" -H "Content-Type: application/json" -d @chain-1.json` (releases before 2.0: `/v1/models`).',
      ...(chains.length === 1
        ? []
        : [
            `Make one route over the chains with the weights ${chains.map(({ name, weight }) => `\`${name}\` ${weight}`).join(", ")}.`,
          ]),
    ],
    notCarried: [
      ...listUnsaid(request, chains),
      "which node takes which stage: GPUStack orders the workers itself. It is exported because any node of a chain can take any of its stages",
      "ports and the address to bind to: GPUStack chooses them",
    ],
    notes: [
      "`gpu_ids` are `worker:device:index`; workers are called by their hosts, or by their ids where --addresses gives addresses. Correct them where your workers have other names, and `cuda` where the cards are not NVIDIA's.",
      ...describeWeights(request.cluster.model, request.model),
    ],
  }));
}

function describeModel(request: ExportRequest, chain: Chain): object {
  const { gpus } = chain.stages[0]!;
  const depth = chain.stages.length;
  const words = [
    ["--tensor-parallel-size", String(gpus)],
    ["--pipeline-parallel-size", String(depth)],
    ...toWords(vllmOptions(request, chain)),
  ];
  const { model } = request;
  return {
    name: chain.name,
    ...(model.startsWith("/")
      ? { source: "local_path", local_path: model }
      : { source: "huggingface", huggingface_repo_id: model }),
    replicas: 1,
    backend: "vLLM",
    backend_parameters: words.map(([option, value]) => `${option}=${value}`),
    env: { VLLM_PP_LAYER_PARTITION: countLayers(chain).join(",") },
    distributed_inference_across_workers: depth > 1,
    gpu_selector: {
      gpu_ids: chain.stages.flatMap(({ id }) => listCards(request, id, gpus)),
      gpus_per_replica: gpus * depth,
    },
  };
}

function listCards(request: ExportRequest, id: string, gpus: number): readonly string[] {
  const devices = devicesOf(request, id) ?? Array.from({ length: gpus }, (_, index) => index);
  return devices.map((device) => `${kubernetesNode(request, id)}:cuda:${device}`);
}
