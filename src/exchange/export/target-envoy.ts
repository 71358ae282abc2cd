import type { Chain } from "./chains.js";
import { listenPort, listFronts, type Front } from "./fronts.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains } from "./requirements.js";
import { balancerLacks, HOST_NOTES } from "./target-nginx.js";
import { toYaml } from "./yaml.js";

const MANAGER =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";

/** Envoy: a weighted cluster per chain. */
export function exportEnvoy(request: ExportRequest): ExportOutcome {
  return exportChains(request, [], (chains) => {
    const fronts = listFronts(request, chains);
    const port = listenPort(fronts);
    return {
      notCarried: balancerLacks(request),
      files: [
        {
          path: "envoy.yaml",
          text: toYaml({
            static_resources: {
              listeners: [describeListener(chains, port)],
              clusters: chains.map((chain, index) => describeCluster(chain, fronts[index]!)),
            },
          }),
        },
      ],
      steps: [`Where requests arrive: \`envoy -c envoy.yaml\`; it listens on port ${port}.`],
      notes: [
        ...HOST_NOTES,
        "No timeouts on answers and idle streams: long generations are not cut short.",
      ],
    };
  });
}

function describeListener(chains: readonly Chain[], port: number): object {
  const route = {
    weighted_clusters: { clusters: chains.map(({ name, weight }) => ({ name, weight })) },
    timeout: "0s",
  };
  return {
    name: "requests",
    address: { socket_address: { address: "0.0.0.0", port_value: port } },
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type": MANAGER,
              stat_prefix: "requests",
              // Five minutes otherwise, which cuts long answers short.
              stream_idle_timeout: "0s",
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

function describeCluster(chain: Chain, { host, port }: Front): object {
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
