/** The reference instances as clusters, with the measured curves that the simulator needs. */
import { readFileSync } from "node:fs";
import { COORDINATOR, type Cluster, type Link } from "../src/cluster/cluster.js";
import { solveByPushRelabel } from "../src/flow/push-relabel.js";
import { solveByDinic } from "../src/flow/dinic.js";
import { buildPlacementNetwork } from "../src/network/placement-network.js";
import type { Placement } from "../src/placement/placement.js";
import type { Curves } from "../src/profile/capacity.js";
import type { LinkFlow } from "../src/routing/link-flow.js";

const FOLDER = process.env["HELIX_REFERENCE"] ?? "../shared/reference";

export function readReference(name: string): any {
  return JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8"));
}

export function loadCluster(file: any, curves: any): Cluster {
  const names = Object.keys(file.machines);
  const index = new Map<string, number>(file.nodes.map((node: any, i: number) => [node.id, i]));
  index.set("coordinator", COORDINATOR);
  const exceptions = new Map<number, Map<number, Link>>();
  const put = (from: number, to: number, link: Link): void => {
    if (!exceptions.has(from)) exceptions.set(from, new Map());
    exceptions.get(from)!.set(to, link);
  };
  for (const link of file.network.links ?? []) {
    const from = index.get(link.from)!;
    const to = index.get(link.to)!;
    const entry = { bandwidthBytesPerSecond: link.bandwidth, latencySeconds: link.latency };
    put(from, to, entry);
    if (link.bidirectional) put(to, from, entry);
  }
  const within = file.network.withinRegion;
  return {
    name: file.name,
    model: file.model,
    workload: { name: "given", ...file.workload },
    machines: names.map((name) => {
      const machine = file.machines[name];
      const measured: Curves = curves.machines[name.toUpperCase()];
      return {
        name,
        gpus: 1,
        nicBytesPerSecond: machine.nic,
        capacity: {
          maxLayers: machine.profile.tokensPerSecond.length,
          tokensPerSecond: machine.profile.tokensPerSecond,
          kvCacheTokens: machine.profile.kvCacheTokens,
          source: "given",
          curves: measured,
        },
      };
    }),
    nodes: file.nodes.map((node: any) => ({
      id: node.id,
      machine: names.indexOf(node.machine),
      region: 0,
    })),
    regions: ["default"],
    network: {
      byRegion: [
        [
          within
            ? { bandwidthBytesPerSecond: within.bandwidth, latencySeconds: within.latency }
            : undefined,
        ],
      ],
      exceptions,
    },
    coordinator: { region: 0, nicBytesPerSecond: file.coordinator.nic },
  };
}

export function flowOf(
  cluster: Cluster,
  placement: Placement,
  all = false,
  solver: "dinic" | "push" = "push",
): { throughput: number; links: LinkFlow[] } {
  const built = buildPlacementNetwork(cluster, placement, { partialInference: true });
  const max = solver === "push" ? solveByPushRelabel(built.network) : solveByDinic(built.network);
  const links: LinkFlow[] = [];
  built.kinds.forEach((kind, arc) => {
    if (kind !== "link") return;
    const flow = max.flow[arc]!;
    if (!all && flow <= 1e-6) return;
    links.push({
      from: built.from[arc]!,
      to: built.to[arc]!,
      flow,
      capacity: built.network.capacity[arc]!,
    });
  });
  return { throughput: max.value, links };
}
