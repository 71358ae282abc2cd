import { countLayers, type Chain } from "./chains.js";
import { nameFiles } from "./file-names.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains, interchangeable, uniformGpus } from "./requirements.js";
import { toYaml } from "./yaml.js";

/** Ray Serve LLM: one application per chain. Ray chooses which node takes which rank. */
export function exportRay(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus, interchangeable], (chains) => ({
    files: [
      {
        path: "serve.yaml",
        text: toYaml({ applications: chains.map((chain) => describe(request, chain)) }),
      },
    ],
    steps: [
      "On the head node of the Ray cluster run `serve deploy serve.yaml`.",
      ...(chains.length === 1
        ? []
        : [
            `Send requests to the routes in proportion to the weights: ${chains.map(({ name, weight }) => `\`/${name}\` ${weight}`).join(", ")}. Ray Serve has no weights between applications.`,
          ]),
    ],
    notes: [
      "Ray decides which node takes which stage; the plan's node names are not carried. It is exported because any node of a chain can take any of its stages.",
      ...(chains.length === 1
        ? []
        : [
            "Chains of different machine types need a Ray cluster each, or `accelerator_type` set.",
          ]),
    ],
  }));
}

function describe(request: ExportRequest, chain: Chain): object {
  const { gpus } = chain.stages[0]!;
  const depth = chain.stages.length;
  return {
    name: chain.name,
    route_prefix: `/${chain.name}`,
    import_path: "ray.serve.llm:build_openai_app",
    args: {
      llm_configs: [
        {
          model_loading_config: {
            model_id: nameFiles([request.model])[0]!,
            model_source: request.model,
          },
          engine_kwargs: {
            tensor_parallel_size: gpus,
            pipeline_parallel_size: depth,
            ...(chain.maxBatch === undefined ? {} : { max_num_seqs: chain.maxBatch }),
          },
          runtime_env: { env_vars: { VLLM_PP_LAYER_PARTITION: countLayers(chain).join(",") } },
          placement_group_config: {
            bundles: Array.from({ length: gpus * depth }, () => ({ GPU: 1, CPU: 1 })),
            strategy: "PACK",
          },
          deployment_config: { autoscaling_config: { min_replicas: 1, max_replicas: 1 } },
        },
      ],
    },
  };
}
