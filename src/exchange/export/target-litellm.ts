import { joinHostPort } from "./endpoint.js";
import { listenPort, listFronts } from "./fronts.js";
import { nameFiles } from "./file-names.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains } from "./requirements.js";
import { balancerLacks, HOST_NOTES } from "./target-nginx.js";
import { toYaml } from "./yaml.js";

/** LiteLLM proxy: one deployment of the same model name per chain, each with its weight. */
export function exportLiteLlm(request: ExportRequest): ExportOutcome {
  return exportChains(request, [], (chains) => {
    const fronts = listFronts(request, chains);
    const listen = listenPort(fronts);
    return {
      notCarried: balancerLacks(request),
      files: [
        {
          path: "config.yaml",
          text: toYaml({
            model_list: fronts.map(({ host, port }, index) => {
              const chain = chains[index]!;
              return {
                model_name: nameFiles([request.model])[0]!,
                litellm_params: {
                  model: `hosted_vllm/${request.model}`,
                  api_base: `http://${joinHostPort(host, port)}/v1`,
                  weight: chain.weight,
                },
                model_info: { id: chain.name },
              };
            }),
            router_settings: { routing_strategy: "simple-shuffle" },
          }),
        },
      ],
      steps: [
        `Where requests arrive: \`litellm --config config.yaml --port ${listen}\`; it listens on port ${listen}.`,
      ],
      notes: [
        ...HOST_NOTES,
        "`simple-shuffle` is the strategy that heeds weights, and only where every entry has one.",
      ],
    };
  });
}
