/**
 * Speed and memory of the simulator: the paper's 24-node offline case at steady state, and how both
 * grow with nodes (copies of that cluster side by side) and with the request rate.
 * npm run bench:build && HELIX_REFERENCE=<folder> node --expose-gc build/bench/simulator.js
 */
import type { Cluster } from "../src/core/cluster.js";
import type { LayerInterval, Placement } from "../src/core/placement.js";
import type { SimulationResult } from "../src/serving/simulate/result.js";
import { OFFLINE } from "../src/serving/simulate/traffic.js";
import { offline, online, publishedPlacement, referenceCluster } from "./reference.js";

function copies(cluster: Cluster, count: number): Cluster {
  const nodes = Array.from({ length: count }, (_, copy) =>
    cluster.nodes.map((node) => ({ ...node, id: `${node.id}-${copy}`, region: copy })),
  ).flat();
  const inside = cluster.network.byRegion[0]![0];
  return {
    ...cluster,
    nodes,
    regions: Array.from({ length: count }, (_, copy) => `copy ${copy}`),
    network: {
      byRegion: Array.from({ length: count }, (_, from) =>
        Array.from({ length: count }, (_, to) => (from === to ? inside : undefined)),
      ),
      exceptions: new Map([
        [-1, new Map(nodes.map((_, node) => [node, inside]))],
        ...nodes.map((_, node) => [node, new Map([[-1, inside]])] as const),
      ]),
    },
    coordinator: {
      ...cluster.coordinator,
      nicBytesPerSecond: cluster.coordinator.nicBytesPerSecond * count,
    },
  };
}

function measure(name: string, simulated: number, run: () => SimulationResult): void {
  globalThis.gc?.();
  const start = process.cpuUsage();
  const result = run();
  const used = process.cpuUsage(start);
  const cpu = (used.user + used.system) / 1e6;
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  console.log(
    `${name}: ${(simulated / cpu).toFixed(0)} simulated s per CPU s (${cpu.toFixed(1)} s, ${(result.events / cpu / 1e6).toFixed(2)} M events/s), decode ${result.decodeTokensPerSecond.toFixed(1)} ± ${result.decodeConfidence.toFixed(1)} tok/s; heap ${megabytes(heapUsed)}, arrays ${megabytes(arrayBuffers)}, process ${megabytes(rss)}`,
  );
}

const cluster = referenceCluster("helix-single24-llama-2-70b", "profile-curves-llama-2-70b.json");
const placement = publishedPlacement(cluster);

measure("24 nodes, offline, 900 s + 1500 s", 2400, () =>
  offline(cluster, placement, { warmupSeconds: 900, durationSeconds: 1500 }),
);
measure("24 nodes, offline, 1800 s + 3000 s", 4800, () =>
  offline(cluster, placement, { warmupSeconds: 1800, durationSeconds: 3000 }),
);
for (const count of [2, 4]) {
  const larger = copies(cluster, count);
  const all: Placement = Array.from(
    { length: count },
    () => placement as (LayerInterval | null)[],
  ).flat();
  measure(`${24 * count} nodes, offline, 300 s + 300 s`, 600, () =>
    offline(larger, all, {
      warmupSeconds: 300,
      durationSeconds: 300,
      traffic: { ...OFFLINE, initial: 20 * count },
    }),
  );
}
for (const rate of [175, 350, 700, 2000]) {
  measure(`24 nodes, online at ${rate} tok/s, 900 s`, 900, () =>
    online(cluster, placement, rate, { durationSeconds: 900, stopAtEnd: true }),
  );
}
