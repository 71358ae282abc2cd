import type { Cluster, Link } from "../../src/core/cluster.js";
import { createDraw, drawTinyCluster } from "./tiny-cluster.js";

/** Six to eight nodes in two regions or three, with thin links between these. More layers where asked for. */
export function drawRegions(seed: number, moreLayers = 0): Cluster {
  const draw = createDraw(seed + 77);
  const tiny = drawTinyCluster(seed);
  const layers = 3 + draw(4) + moreLayers;
  const regions = 2 + draw(2);
  const link = (tokens: number): Link => ({
    bandwidthBytesPerSecond: tokens * tiny.model.activationBytes,
    latencySeconds: 0,
  });
  return {
    ...tiny,
    model: { ...tiny.model, layers },
    machines: [0, 1, 2].map((kind) => {
      const most = 1 + draw(layers);
      const speed = 60 + draw(200);
      const tokensPerSecond = Array.from({ length: most }, (_, k) => Math.round(speed / (k + 1)));
      const capacity = { maxLayers: most, tokensPerSecond, source: "given" as const };
      return { name: `m${kind}`, capacity, nicBytesPerSecond: Infinity, gpus: 1 };
    }),
    nodes: Array.from({ length: 6 + draw(3) }, (_, node) => ({
      id: `n${node}`,
      machine: draw(3),
      region: node % regions,
    })),
    regions: Array.from({ length: regions }, (_, region) => `r${region}`),
    network: {
      byRegion: Array.from({ length: regions }, (_, from) =>
        Array.from({ length: regions }, (__, to) => link(from === to ? 1e4 : 8 + draw(50))),
      ),
      exceptions: new Map([-1, ...Array(8).keys()].map((from) => [from, new Map()])),
    },
    coordinator: { region: 0, nicBytesPerSecond: 1e9 },
  };
}
