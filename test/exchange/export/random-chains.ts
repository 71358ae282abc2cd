import type { Cluster, Link } from "../../../src/core/cluster.js";
import { COORDINATOR } from "../../../src/core/cluster.js";
import type { LayerInterval } from "../../../src/core/placement.js";
import { createRandom } from "../../../src/core/random.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { describe } from "./shapes.js";

/** A cluster of disjoint chains with links along them only; a function of the seed. */
export function randomChains(
  seed: number,
  ids: (index: number) => string = (index) => `node-${index}`,
): { readonly cluster: Cluster; readonly file: PlacementFile } {
  const random = createRandom(seed);
  const layers = 8 + random.int(73);
  const link: Link = { bandwidthBytesPerSecond: 1e9, latencySeconds: 0.001 };
  const exceptions = new Map<number, Map<number, Link | undefined>>();
  const connect = (from: number, to: number): void => {
    const row = exceptions.get(from) ?? new Map<number, Link | undefined>();
    exceptions.set(from, row.set(to, link));
  };
  const placement: LayerInterval[] = [];
  for (let chain = 1 + random.int(4); chain > 0; chain--) {
    let start = 0;
    let before = COORDINATOR;
    while (start < layers) {
      const end = Math.min(layers, start + 1 + random.int(layers));
      connect(before, placement.length);
      before = placement.length;
      placement.push([start, end]);
      start = end;
    }
    connect(before, COORDINATOR);
  }
  const machines = placement.map((_, index) => {
    const rate = 1000 + random.int(9000);
    return {
      name: `m${index}`,
      capacity: {
        maxLayers: layers,
        tokensPerSecond: Array.from({ length: layers }, (_, k) => rate / (k + 1)),
        kvCacheTokens: Array.from({ length: layers }, (_, k) => Math.floor(1e6 / (k + 1))),
        source: "given" as const,
      },
      nicBytesPerSecond: random.next() < 0.5 ? Infinity : 1e9,
      gpus: 1,
    };
  });
  const cluster: Cluster = {
    name: `chains ${seed}`,
    model: {
      name: "model",
      layers,
      layerBytes: 1e8,
      activationBytes: 8192,
      tokenBytes: 2,
      kvBytesPerToken: 4096,
    },
    workload: { name: "mean", promptTokens: 100, outputTokens: 100 },
    machines,
    nodes: placement.map((_, index) => ({ id: ids(index), machine: index, region: 0 })),
    regions: ["here"],
    network: { byRegion: [[undefined]], exceptions },
    coordinator: { region: 0, nicBytesPerSecond: Infinity },
  };
  return { cluster, file: describe(cluster, placement) };
}
