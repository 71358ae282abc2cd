import { groupChains, sharesMoved } from "./chain-groups.js";
import { API_PORT } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import { describeService, LABEL, serviceName } from "./kubernetes.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { BALANCER_NOTES, balancerLacks } from "./target-nginx.js";
import { exportChains } from "./requirements.js";
import { toYaml } from "./yaml.js";

/**
 * Gateway API: weights between the Services of the chains. A rule takes 16 backends, so beyond that
 * chains of like weights stand behind one Service.
 */
export function exportK8sGateway(request: ExportRequest): ExportOutcome {
  return exportChains(request, [], (chains) => {
    const groups = groupChains(chains);
    const together = groups.length < chains.length;
    const services = groups.map(({ name }) =>
      describeService(name, { [`${LABEL}/${together ? "group" : "chain"}`]: name }),
    );
    const moved = sharesMoved(groups);
    return {
      files: [
        { path: "httproute.yaml", text: toYaml(describeRoute(request, groups)) },
        { path: "services.yaml", text: toYaml(...services) },
      ],
      steps: [
        `Pods of target lws have the labels that \`services.yaml\` selects; give yours \`${LABEL}/chain\` (or \`${LABEL}/group\`) and \`${LABEL}/role: leader\`, then \`kubectl apply -f services.yaml\`.`,
        "Name your Gateway in `parentRefs`, then `kubectl apply -f httproute.yaml`.",
      ],
      notCarried: [
        ...balancerLacks(request),
        ...(moved < 0.0005
          ? []
          : [
              `the exact weights: ${(100 * moved).toFixed(1)} % of the requests go to another chain than planned`,
            ]),
      ],
      notes: [
        ...BALANCER_NOTES,
        ...(together
          ? [
              `A rule takes 16 backends and there are ${chains.length} chains: ${groups.map(({ name, chains: members }) => `\`${name}\` is ${members.map((chain) => chain.name).join(", ")}`).join("; ")}. Requests are spread evenly inside a group.`,
            ]
          : []),
        "No timeout on requests: long answers are not cut short.",
      ],
    };
  });
}

function describeRoute(
  request: ExportRequest,
  groups: readonly { readonly name: string; readonly weight: number }[],
): object {
  return {
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
          backendRefs: groups.map(({ name, weight }) => ({
            kind: "Service",
            name: serviceName(name),
            port: API_PORT,
            weight,
          })),
          timeouts: { request: "0s" },
        },
      ],
    },
  };
}
