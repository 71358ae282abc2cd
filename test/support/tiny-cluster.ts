import type { Cluster, Link } from "../../src/core/cluster.js";
import { solveByDinic } from "../../src/math/flow/dinic.js";
import { buildPlacementNetwork } from "../../src/planner/graph/placement-network.js";
import type { LayerInterval, Placement } from "../../src/core/placement.js";

/** A small linear congruential generator: enough to draw test instances. */
export function createDraw(seed: number): (below: number) => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * A cluster of few nodes and layers whose best placement can be found by trying them all. Links come
 * in three strengths: missing, thin (a fraction of what a node computes) and thick.
 */
export function drawTinyCluster(seed: number): Cluster {
  const draw = createDraw(seed);
  const layers = 2 + draw(4);
  const regionCount = 1 + draw(3);
  const nodeCount = 2 + draw(3);
  const machines = Array.from({ length: 1 + draw(3) }, (_, index) => {
    const most = 1 + draw(Math.min(3, layers));
    const speed = 50 + draw(200);
    const tokensPerSecond = Array.from({ length: most }, (__, k) =>
      Math.max(1, Math.round(speed / (k + 1) - draw(10))),
    );
    return {
      name: `m${index}`,
      capacity: { maxLayers: most, tokensPerSecond, source: "given" as const },
      nicBytesPerSecond: draw(4) === 0 ? 10 * (5 + draw(30)) : Infinity,
      gpus: 1,
    };
  });
  const drawLink = (thin: boolean): Link | undefined => {
    const kind = draw(10);
    if (kind === 0) return undefined;
    const tokens = thin && kind < 9 ? 10 + draw(60) : 1000;
    return { bandwidthBytesPerSecond: tokens * 10, latencySeconds: 0 };
  };
  const thinInside = draw(5) === 0;
  const byRegion = Array.from({ length: regionCount }, (_, from) =>
    Array.from({ length: regionCount }, (__, to) => drawLink(from !== to || thinInside)),
  );
  const exceptions = new Map<number, Map<number, Link | undefined>>();
  const own = draw(3) === 0;
  for (let from = -1; from < nodeCount; from++) {
    const row = new Map<number, Link | undefined>();
    for (let to = -1; to < nodeCount; to++) {
      if (from === to) continue;
      if (from < 0 || to < 0) {
        const bandwidthBytesPerSecond = draw(8) === 0 ? 20 + draw(100) : 1e6;
        if (draw(12) > 0) row.set(to, { bandwidthBytesPerSecond, latencySeconds: 0 });
        else row.set(to, undefined);
      } else if (own && draw(2) === 0) row.set(to, drawLink(draw(3) > 0));
    }
    exceptions.set(from, row);
  }
  return {
    name: `tiny-${seed}`,
    model: {
      name: "tiny",
      layers,
      layerBytes: 1,
      activationBytes: 10,
      tokenBytes: 1,
      kvBytesPerToken: 1,
    },
    workload: { name: "tiny", promptTokens: 1, outputTokens: 1 },
    machines,
    nodes: Array.from({ length: nodeCount }, (_, index) => ({
      id: `n${index}`,
      machine: draw(machines.length),
      region: draw(regionCount),
    })),
    regions: Array.from({ length: regionCount }, (_, index) => `r${index}`),
    network: { byRegion, exceptions },
    coordinator: { region: 0, nicBytesPerSecond: draw(6) === 0 ? 50 + draw(200) : 1e7 },
  };
}

/** The same with rates that also rise with the layers held. */
export function makeBumpy(cluster: Cluster, seed: number): Cluster {
  const draw = createDraw(seed + 15_485_863);
  const machines = cluster.machines.map((machine) => ({
    ...machine,
    capacity: {
      ...machine.capacity,
      tokensPerSecond: machine.capacity.tokensPerSecond.map(() => 20 + draw(200)),
    },
  }));
  return { ...cluster, machines };
}

/** The best of all placements, by the real max flow. */
export function enumerateBest(cluster: Cluster, partialInference = true): number {
  const { layers } = cluster.model;
  const choices = cluster.nodes.map(({ machine }): (LayerInterval | null)[] => {
    const most = cluster.machines[machine]!.capacity.maxLayers;
    const intervals: (LayerInterval | null)[] = [null];
    for (let start = 0; start < layers; start++) {
      for (let end = start + 1; end <= Math.min(layers, start + most); end++)
        intervals.push([start, end]);
    }
    return intervals;
  });
  let best = 0;
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  const fill = (node: number): void => {
    if (node === choices.length) {
      if (reachesEverything(placement, layers))
        best = Math.max(best, flowOf(cluster, placement, partialInference));
      return;
    }
    for (const choice of choices[node]!) {
      placement[node] = choice;
      fill(node + 1);
    }
  };
  fill(0);
  return best;
}

function reachesEverything(placement: Placement, layers: number): boolean {
  let covered = 0;
  for (const interval of placement) {
    if (interval === null) continue;
    for (let layer = interval[0]; layer < interval[1]; layer++) covered |= 1 << layer;
  }
  return covered === (1 << layers) - 1;
}

function flowOf(cluster: Cluster, placement: Placement, partialInference: boolean): number {
  const { network } = buildPlacementNetwork(cluster, placement, { partialInference });
  return solveByDinic(network).value;
}
