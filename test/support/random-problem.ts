import type { Cluster, Link, Machine } from "../../src/core/cluster.js";
import type { LayerInterval, Placement } from "../../src/core/placement.js";
import { createRandom, type Random } from "../../src/core/random.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../src/planner/problem/problem.js";

export interface RandomProblemLimits {
  readonly nodes: readonly [least: number, most: number];
  readonly layers: readonly [least: number, most: number];
  readonly regions?: number;
  /** Share of links that bind, of NICs that bind, of missing links. */
  readonly thin?: number;
  readonly missing?: number;
}

const ACTIVATION_BYTES = 1000;
const TOKEN_BYTES = 10;

/**
 * A small cluster with thick, thin and missing links, NICs that may bind and T(k) that falls with
 * k; a function of the seed alone. Tokens/s of a node are between 1 and 100.
 */
export function randomProblem(seed: number, limits: RandomProblemLimits): PlanningProblem {
  const random = createRandom(seed);
  const between = ([least, most]: readonly [number, number]): number =>
    least + random.int(most - least + 1);
  const layers = between(limits.layers);
  const nodeCount = between(limits.nodes);
  const regionCount = 1 + random.int(limits.regions ?? 2);
  const thin = limits.thin ?? 0.4;
  const missing = limits.missing ?? 0.15;

  const machines = Array.from({ length: 1 + random.int(3) }, (_, index): Machine => {
    const maxLayers = 1 + random.int(layers);
    const rate = 20 + 80 * random.next();
    const tokensPerSecond = Array.from(
      { length: maxLayers },
      (_, k) => Math.round((rate / (k + 1) ** (0.7 + random.next())) * 100) / 100,
    );
    const binds = random.next() < thin;
    return {
      name: `m${index}`,
      capacity: { maxLayers, tokensPerSecond, source: "given" },
      nicBytesPerSecond: binds ? (5 + 40 * random.next()) * ACTIVATION_BYTES : Infinity,
      gpus: 1,
    };
  });
  const link = (): Link | undefined => {
    const bandwidth = random.next() < thin ? 5 + 40 * random.next() : 1e4;
    if (random.next() < missing) return undefined;
    return { bandwidthBytesPerSecond: bandwidth * ACTIVATION_BYTES, latencySeconds: 0.001 };
  };
  const exceptions = new Map<number, Map<number, Link | undefined>>();
  for (let count = random.int(4); count > 0; count--) {
    const from = random.int(nodeCount + 1) - 1;
    const to = random.int(nodeCount + 1) - 1;
    const row = exceptions.get(from) ?? new Map<number, Link | undefined>();
    const slow = (from < 0 || to < 0) && random.next() < 0.5;
    const found = link();
    if (slow && found !== undefined)
      row.set(to, { ...found, bandwidthBytesPerSecond: (5 + 40 * random.next()) * TOKEN_BYTES });
    else row.set(to, found);
    exceptions.set(from, row);
  }
  const regions = Array.from({ length: regionCount }, (_, r) => `r${r}`);
  const coordinatorBinds = random.next() < 0.15;
  const cluster: Cluster = {
    name: `random ${seed}`,
    model: {
      name: "small",
      layers,
      layerBytes: 1,
      activationBytes: ACTIVATION_BYTES,
      tokenBytes: TOKEN_BYTES,
      kvBytesPerToken: 1,
    },
    workload: { name: "mean", promptTokens: 100, outputTokens: 100 },
    machines,
    nodes: Array.from({ length: nodeCount }, (_, node) => ({
      id: `n${node}`,
      machine: random.int(machines.length),
      region: random.int(regionCount),
    })),
    regions,
    network: { byRegion: regions.map(() => regions.map(() => link())), exceptions },
    coordinator: {
      region: 0,
      nicBytesPerSecond: coordinatorBinds ? (5 + 60 * random.next()) * TOKEN_BYTES : Infinity,
    },
  };
  return { cluster, partialInference: random.next() < 0.6, constraints: UNCONSTRAINED };
}

/** Any placement within memory and layers; nodes are empty now and then. */
export function randomPlacement(problem: PlanningProblem, random: Random): Placement {
  const { cluster, constraints } = problem;
  return cluster.nodes.map(({ machine }, node): LayerInterval | null => {
    const pin = constraints.pins.get(node);
    if (pin !== undefined) return pin;
    if (constraints.drained.has(node) || random.next() < 0.15) return null;
    const { layers } = cluster.model;
    const size = 1 + random.int(Math.min(layers, cluster.machines[machine]!.capacity.maxLayers));
    const start = random.int(layers - size + 1);
    return [start, start + size];
  });
}
