import type { Chain } from "./chains.js";
import { apiOf } from "./endpoint.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains } from "./requirements.js";
import { HOST_NOTES } from "./target-nginx.js";
import { toYaml } from "./yaml.js";

const LISTEN_PORT = 8080;
const MANAGER =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";

/** Envoy: a weighted cluster per chain. */
export function exportEnvoy(request: ExportRequest): ExportOutcome {
  return exportChains(request, [], (chains) => ({
    files: [
      {
        path: "envoy.yaml",
        text: toYaml({
          static_resources: {
            listeners: [describeListener(chains)],
            clusters: chains.map((chain) => describeCluster(request, chain)),
          },
        }),
      },
    ],
    steps: [`Where requests arrive: \`envoy -c envoy.yaml\`; it listens on port ${LISTEN_PORT}.`],
    notes: HOST_NOTES,
  }));
}

function describeListener(chains: readonly Chain[]): object {
  const route = {
    weighted_clusters: { clusters: chains.map(({ name, weight }) => ({ name, weight })) },
    timeout: "0s",
  };
  return {
    name: "requests",
    address: { socket_address: { address: "0.0.0.0", port_value: LISTEN_PORT } },
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type": MANAGER,
              stat_prefix: "requests",
              route_config: {
                virtual_hosts: [
                  { name: "chains", domains: ["*"], routes: [{ match: { prefix: "/" }, route }] },
                ],
              },
              http_filters: [
                { name: "envoy.filters.http.router", typed_config: { "@type": ROUTER } },
              ],
            },
          },
        ],
      },
    ],
  };
}

function describeCluster(request: ExportRequest, chain: Chain): object {
  const { host, port } = apiOf(request, chain);
  return {
    name: chain.name,
    type: "STRICT_DNS",
    connect_timeout: "5s",
    load_assignment: {
      cluster_name: chain.name,
      endpoints: [
        {
          lb_endpoints: [
            {
              endpoint: {
                address: { socket_address: { address: host, port_value: port } },
              },
            },
          ],
        },
      ],
    },
  };
}
