import { createRandom } from "../src/core/random.js";

// Seven made-up machine types from slow and small to fast and large: tokens/s with one layer held, and
// the most layers held. T(k) falls a little faster than 1/k, as measured tables do.
const TYPES: readonly (readonly [name: string, oneLayer: number, mostLayers: number])[] = [
  ["tiny", 5200, 4],
  ["small", 7600, 7],
  ["small-pair", 15_000, 14],
  ["middle", 12_500, 9],
  ["large", 24_000, 12],
  ["wide", 19_000, 18],
  ["huge", 60_000, 40],
];

/** A cluster of that many nodes of seven types, spread over regions joined by 10 Gb/s links. */
export function growthCluster(nodes: number, regions: number, seed: number): object {
  const random = createRandom(seed);
  const counts = new Map<string, number>();
  for (let node = 0; node < nodes; node++) {
    // Every type once first, so that ten nodes hold the model.
    const [type] = TYPES[node < TYPES.length ? TYPES.length - 1 - node : random.int(TYPES.length)]!;
    const key = `${type} region-${random.int(regions)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return {
    format: "helix-place/cluster@1",
    name: `growth-${nodes}-${regions}`,
    model: "llama-2-70b",
    machines: Object.fromEntries(
      TYPES.map(([name, oneLayer, mostLayers]) => [
        name,
        {
          nic: "12.5 GB/s",
          profile: {
            tokensPerSecond: Array.from(
              { length: mostLayers },
              (_, index) => Math.round((oneLayer / (index + 1) ** 1.08) * 10) / 10,
            ),
          },
        },
      ]),
    ),
    nodes: [...counts.entries()].map(([key, count]) => {
      const [machine, region] = key.split(" ");
      return { id: `${machine}-${region}`, machine, region, count };
    }),
    network: {
      withinRegion: { bandwidth: "25 Gb/s", latency: "0.5 ms" },
      acrossRegions: { bandwidth: "10 Gb/s", latency: "30 ms" },
    },
    coordinator: { region: "region-0", nic: "12.5 GB/s" },
  };
}
