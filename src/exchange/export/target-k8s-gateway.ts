import { nameFiles } from "./file-names.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { BALANCER_NOTES } from "./target-nginx.js";
import { exportChains } from "./requirements.js";
import { toYaml } from "./yaml.js";

/** Gateway API inference extension: weights between one InferencePool per chain. */
export function exportK8sGateway(request: ExportRequest): ExportOutcome {
  return exportChains(request, [], (chains) => ({
    files: [
      {
        path: "httproute.yaml",
        text: toYaml({
          apiVersion: "gateway.networking.k8s.io/v1",
          kind: "HTTPRoute",
          metadata: { name: nameFiles([request.model])[0]! },
          spec: {
            parentRefs: [
              { group: "gateway.networking.k8s.io", kind: "Gateway", name: "inference-gateway" },
            ],
            rules: [
              {
                matches: [{ path: { type: "PathPrefix", value: "/" } }],
                backendRefs: chains.map(({ name, weight }) => ({
                  group: "inference.networking.k8s.io",
                  kind: "InferencePool",
                  name,
                  weight,
                })),
              },
            ],
          },
        }),
      },
    ],
    steps: [
      `Make an InferencePool for every chain, of the same name (${chains.map(({ name }) => `\`${name}\``).join(", ")}), that selects its pods; with target lws the label is \`helix-place.dev/chain\`, role \`leader\`.`,
      "Name your Gateway in `parentRefs`, then `kubectl apply -f httproute.yaml`.",
    ],
    notes: BALANCER_NOTES,
  }));
}
