import { countLayers, type Chain } from "./chains.js";
import { nameFiles } from "./file-names.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { divisible, exportChains, interchangeable, uniformGpus } from "./requirements.js";
import { listUnsaid } from "./settings.js";
import { listUnlikeCards } from "./unlike-cards.js";
import { toKeywords, vllmOptions } from "./vllm-options.js";
import { describeWeights } from "./weight-types.js";
import { toYaml } from "./yaml.js";

/** Ray Serve LLM: one application per chain. Ray chooses which node takes which rank. */
export function exportRay(request: ExportRequest): ExportOutcome {
  const requirements = [uniformGpus, divisible(request), interchangeable];
  return exportChains(request, requirements, (chains) => ({
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
    notCarried: [
      ...listUnsaid(request, chains),
      ...listUnlikeCards(request, chains),
      "which node takes which stage: Ray chooses, and the plan's node names are lost. It is exported because any node of a chain can take any of its stages",
      ...chains
        .filter((chain) => acceleratorOf(chain) === undefined)
        .map(
          ({ name }) =>
            `the card of ${name}, for which Ray has no name: give it a Ray cluster of its own`,
        ),
    ],
    notes: [
      "`accelerator_type` keeps a chain on its cards; `placement_group_config` asks for one bundle per card.",
      ...describeWeights(request.cluster.model, request.model),
    ],
  }));
}

function describe(request: ExportRequest, chain: Chain): object {
  const { gpus } = chain.stages[0]!;
  const depth = chain.stages.length;
  const accelerator = acceleratorOf(chain);
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
          ...(accelerator === undefined ? {} : { accelerator_type: accelerator }),
          engine_kwargs: {
            tensor_parallel_size: gpus,
            pipeline_parallel_size: depth,
            ...toKeywords(vllmOptions(request, chain)),
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

/** Cards as Ray calls them (ray.util.accelerators). */
const ACCELERATORS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^A100-40GB/i, "A100-40G"],
  [/^A100-80GB/i, "A100-80G"],
  [/^(V100|P100|T4|P4|K80|A10G|L4|L40S|H100|H200|H20|B200|B300)(-|$)/i, "$1"],
  [/^(MI\d+X)/i, "AMD-Instinct-$1"],
];

/** The accelerator of a chain on one kind of card; undefined where Ray has no name for it. */
function acceleratorOf({ stages }: Chain): string | undefined {
  const gpus = new Set(stages.map(({ gpu }) => gpu));
  const [gpu] = gpus;
  if (gpus.size !== 1 || gpu === undefined) return undefined;
  for (const [pattern, name] of ACCELERATORS) {
    const match = pattern.exec(gpu);
    if (match !== null) return name.replace("$1", (match[1] ?? "").toUpperCase());
  }
  return undefined;
}
