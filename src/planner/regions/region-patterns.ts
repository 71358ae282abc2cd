import type { RegionClass } from "../problem/machine-classes.js";

/** A stage: nodes that all hold the same layers, together fast enough. */
export interface RegionStage {
  readonly layers: number;
  /** Nodes by class index of the model. */
  readonly counts: readonly (readonly [machineClass: number, count: number])[];
  readonly nodes: number;
  /** Tokens/s of every node, descending. Length nodes. */
  readonly rates: readonly number[];
}

export interface PatternLimits {
  readonly maxNodes: number;
  /** Most patterns per layer count. */
  readonly perLayerCount: number;
  /** Most patterns in all: those that waste least. */
  readonly total: number;
  /** Tokens/s of a node that count at most, where links on one side let no more through. */
  readonly nodeCap?: number;
}

/** Steps of the enumeration per layer count. */
const MOST_STEPS = 1500;

/** T of a class with so many layers; 0 where it cannot hold them. */
function rateAt(machineClass: RegionClass, layers: number): number {
  return machineClass.options.find((option) => option.layers >= layers)?.rate ?? 0;
}

/**
 * Stages of one region's classes that carry `flow` and carry it no more when a node is left out,
 * fewest nodes first. Layer counts without any are skipped; a pattern that a longer one with the same nodes
 * beats is left out.
 */
export function listStagePatterns(
  classes: readonly RegionClass[],
  region: number,
  flow: number,
  limits: PatternLimits,
): readonly RegionStage[] {
  const { nodeCap = Infinity } = limits;
  const own = classes.flatMap((machineClass, index) =>
    machineClass.region === region ? [{ machineClass, index }] : [],
  );
  const most = own.reduce((k, c) => Math.max(k, c.machineClass.options.at(-1)!.layers), 0);
  const found = new Map<string, RegionStage>();
  for (let layers = most; layers >= 1; layers--) {
    let listed = 0;
    const able = own
      .map(({ machineClass, index }) => ({
        index,
        rate: Math.min(rateAt(machineClass, layers), nodeCap),
        supply: machineClass.nodes.length,
      }))
      .filter(({ rate }) => rate > 0)
      .sort((a, b) => b.rate - a.rate || a.index - b.index);
    const counts = able.map(() => 0);
    let steps = 0;
    const descend = (at: number, missing: number, used: number): void => {
      if (listed >= limits.perLayerCount || ++steps > MOST_STEPS) return;
      if (missing <= 0) {
        const taken = able.flatMap(({ index, rate }, i) =>
          counts[i]! > 0 ? [{ index, rate, count: counts[i]! }] : [],
        );
        const key = taken.map(({ index, count }) => `${index}x${count}`).join(" ");
        if (found.has(key)) return;
        listed++;
        found.set(key, {
          layers,
          nodes: used,
          counts: taken.map(({ index, count }) => [index, count] as const),
          rates: taken.flatMap(({ index, count }) =>
            Array.from({ length: count }, () => rateAt(classes[index]!, layers)),
          ),
        });
        return;
      }
      if (at === able.length) return;
      const { rate, supply } = able[at]!;
      const room = Math.min(supply, limits.maxNodes - used, Math.ceil(missing / rate - 1e-9));
      for (let count = room; count >= 0; count--) {
        counts[at] = count;
        descend(at + 1, missing - count * rate - (count > 0 ? 1e-9 * flow : 0), used + count);
      }
      counts[at] = 0;
    };
    descend(0, flow, 0);
  }
  return keepThrifty(classes, flow, [...found.values()], limits.total);
}

/**
 * The patterns that get most layers out of what their nodes are worth, a node of a class being worth
 * max_k k·min(T(k), F)/F layers.
 */
function keepThrifty(
  classes: readonly RegionClass[],
  flow: number,
  patterns: readonly RegionStage[],
  most: number,
): readonly RegionStage[] {
  if (patterns.length <= most) return patterns;
  const worth = classes.map(({ options }) =>
    options.reduce((best, { layers, rate }) => Math.max(best, layers * Math.min(rate, flow)), 0),
  );
  const thrift = ({ layers, counts }: RegionStage): number =>
    layers / counts.reduce((sum, [index, count]) => sum + count * worth[index]!, 0);
  return patterns
    .map((pattern) => ({ pattern, thrift: thrift(pattern) }))
    .sort((a, b) => b.thrift - a.thrift || b.pattern.layers - a.pattern.layers)
    .slice(0, most)
    .map(({ pattern }) => pattern);
}
