import { machineOf, type Cluster } from "../src/core/cluster.js";
import { holdsLayers } from "../src/core/interval-capacity.js";
import type { LayerInterval, Placement } from "../src/core/placement.js";
import { createRandom, shuffle, type Random } from "../src/core/random.js";

/** Cards of common machines, by how many of them a machine of the kind has. */
const MACHINES: readonly (readonly [gpu: string, counts: readonly number[]])[] = [
  ["H100-80GB", [1, 2, 4, 8]],
  ["A100-80GB", [1, 2, 4, 8]],
  ["A100-40GB", [1, 4, 8]],
  ["L40S", [1, 2, 4]],
  ["A10G", [1, 4]],
  ["L4", [1, 2]],
  ["V100-32GB", [1, 4]],
  ["RTX 4090", [1, 2]],
  ["RTX 3090", [1]],
  ["T4", [1]],
];
const MODELS = ["llama-3-8b", "qwen-2.5-32b", "llama-3-70b"];
const WORKLOADS = [
  "azure-conversation",
  "sharegpt",
  { promptTokens: 200, outputTokens: 50 },
  { promptTokens: 3000, outputTokens: 300 },
];

/** How large a fleet may be. */
export interface FleetSize {
  readonly mostMachines: number;
  /** Besides three that are common. */
  readonly models?: readonly string[];
}

/**
 * A cluster file of machines described by their cards: 2 to 40 machines of 1 to 4 kinds with 1 to 8 cards, 1 to 3
 * regions, three models. A function of the seed alone.
 */
export function randomFleet(seed: number, { mostMachines, models = [] }: FleetSize): object {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]!;
  const regions = Array.from({ length: 1 + random.int(3) }, (_, at) => `r${at}`);
  const kinds = 1 + random.int(4);
  const chosen = shuffle([...MACHINES], random).slice(0, kinds);
  const machines = Object.fromEntries(
    chosen.map(([gpu, counts], at) => {
      const nic = `${pick([10, 25, 100])} Gb/s`;
      return [`m${at}`, { gpu, gpus: pick(counts), nic, pricePerHour: `${1 + random.int(9)} $/h` }];
    }),
  );
  const most = Math.max(2, Math.round(2 * (mostMachines / 2) ** random.next()));
  const nodes = Array.from({ length: most }, (_, at) => ({
    id: `n${at}`,
    machine: `m${random.int(kinds)}`,
    region: pick(regions),
  }));
  return {
    format: "helix-place/cluster@1",
    name: `fleet-${seed}`,
    model: pick([...MODELS, ...models]),
    workload: pick(WORKLOADS),
    machines,
    nodes,
    network: {
      withinRegion: { bandwidth: `${pick([1, 10, 25])} Gb/s`, latency: "0.2 ms" },
      acrossRegions: { bandwidth: `${pick([0.2, 1, 5])} Gb/s`, latency: `${pick([5, 30, 60])} ms` },
    },
    coordinator: { region: regions[0], nic: "25 Gb/s" },
  };
}

/** Chains of random nodes with random cuts; undefined where the nodes do not hold the model. */
export function randomChains(cluster: Cluster, random: Random): Placement | undefined {
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  const order = shuffle(
    cluster.nodes.map((_, node) => node),
    random,
  );
  let [start, first] = [0, 0];
  let whole = false;
  order.forEach((node, at) => {
    const interval = randomInterval(cluster, node, start, random);
    if (interval === undefined) return;
    placement[node] = interval;
    start = interval[1];
    if (start < cluster.model.layers) return;
    [start, first, whole] = [0, at + 1, true];
  });
  for (const node of order.slice(first)) placement[node] = null;
  return whole ? placement : undefined;
}

/** Random layers on every node, wherever they end. */
export function randomIntervals(cluster: Cluster, random: Random): Placement {
  return cluster.nodes.map((_, node) => {
    const start = random.next() < 0.4 ? 0 : random.int(cluster.model.layers);
    return randomInterval(cluster, node, start, random) ?? null;
  });
}

function randomInterval(
  cluster: Cluster,
  node: number,
  start: number,
  random: Random,
): LayerInterval | undefined {
  const { capacity } = machineOf(cluster, node);
  const { layers } = cluster.model;
  let most = 0;
  while (start + most < layers && holdsLayers(capacity, [start, start + most + 1])) most += 1;
  if (most === 0) return undefined;
  const held = random.next() < 0.6 ? most : 1 + random.int(most);
  return [start, start + held];
}
