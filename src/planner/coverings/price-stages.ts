import type { StageItem, StageRates, StageTree } from "./stage-tree.js";

export interface StagePrices {
  /** Price of one node of each class, ≥ 0. */
  readonly node: ArrayLike<number>;
  /** Price of one node on the way (0 where depth is free). */
  readonly depth: number;
}

export type StageShape = "whole" | "pieces" | "lanes";

export interface StageShapes {
  /**
   * `whole`: every node holds the whole stage. `pieces`: what whole-stage nodes leave over may flow
   * through pieces one after another, and pieces of pieces. `lanes`: any such sequences side by side.
   */
  readonly shape: StageShape;
  /** Most nodes over one layer. */
  readonly maxNodesPerStage?: number;
  /** Grid of the throughput: rates count in whole units of flow/steps, rounded down. */
  readonly steps: number;
}

/** Valid until the next call of {@link priceStages}, which uses the same tables. */
export interface PricedStages {
  /** Price of the cheapest stage of so many layers that carries the flow; Infinity if none does. */
  readonly cost: (layers: number) => number;
  /** That stage. Its real rate is at least the flow. */
  readonly build: (layers: number) => StageTree;
}

const DONE = -1;
const NONE = -2;

/**
 * The cheapest stage of every length for one flow, by dynamic programming over (layers k, missing
 * rate r): a node of class t holds all k layers, leaving r − T_t(k) to the others; or the rest flows
 * through two pieces of j and k − j layers that each carry r; or (lanes) v of it through one lane of
 * all k layers and r − v through another, v being the rate of some node.
 * O(levels · most · steps · (classes + most/2 + distinct rates)), levels = maxNodesPerStage or 1;
 * lanes are not combined with maxNodesPerStage.
 */
export function priceStages(
  rates: StageRates,
  flow: number,
  prices: StagePrices,
  shapes: StageShapes,
): PricedStages {
  const { steps } = shapes;
  const { most } = rates;
  const width = steps + 1;
  const levels = shapes.maxNodesPerStage ?? 1;
  const bounded = shapes.maxNodesPerStage !== undefined;
  const levelSize = (most + 1) * width;
  const { cost, choice } = reserveTables((levels + 1) * levelSize);
  const classCount = rates.rate.length;
  const units = rates.rate.map((rate) =>
    Int32Array.from(rate, (value) => Math.min(steps, Math.floor((value / flow) * steps))),
  );
  const lanes = shapes.shape === "lanes" && !bounded;
  const laneUnits = lanes ? listUnits(units, steps) : [];
  const laneChoice = classCount + most;
  for (let level = bounded ? 0 : 1; level <= levels; level++) {
    const at = level * levelSize;
    const below = bounded ? at - levelSize : at;
    for (let k = 1; k <= most; k++) {
      const row = at + k * width;
      if (level === 0) {
        cost.fill(Infinity, row, row + width);
        choice.fill(NONE, row, row + width);
      }
      cost[row] = prices.depth;
      choice[row] = DONE;
      if (level === 0) continue;
      const fitting: number[] = [];
      for (let t = 0; t < classCount; t++) if (units[t]![k - 1]! > 0) fitting.push(t);
      const half = shapes.shape === "whole" ? 0 : k >> 1;
      for (let r = 1; r <= steps; r++) {
        let least = Infinity;
        let how = NONE;
        for (let f = 0; f < fitting.length; f++) {
          const t = fitting[f]!;
          const rest = r - units[t]![k - 1]!;
          const total = prices.node[t]! + cost[below + k * width + (rest > 0 ? rest : 0)]!;
          if (total < least) {
            least = total;
            how = t;
          }
        }
        for (let j = 1; j <= half; j++) {
          const total = cost[at + j * width + r]! + cost[at + (k - j) * width + r]!;
          if (total < least) {
            least = total;
            how = classCount + j;
          }
        }
        for (let v = 0; v < laneUnits.length; v++) {
          const unit = laneUnits[v]!;
          if (unit >= r) break;
          const total = cost[row + unit]! + cost[row + r - unit]!;
          if (total < least) {
            least = total;
            how = laneChoice + v;
          }
        }
        cost[row + r] = least;
        choice[row + r] = how;
      }
    }
  }

  const build = (level: number, k: number, missing: number): StageTree => {
    const counts = new Int32Array(classCount);
    const parallel: (readonly StageTree[])[] = [];
    const run = (on: number, r: number): void => {
      const how = choice[on * levelSize + k * width + r]!;
      if (how === DONE || how === NONE) return;
      if (how >= laneChoice) {
        const unit = laneUnits[how - laneChoice]!;
        run(on, unit);
        run(on, r - unit);
      } else if (how >= classCount) {
        const j = how - classCount;
        parallel.push(
          [build(on, j, r), build(on, k - j, r)].flatMap((piece) =>
            piece.items.length === 0 && piece.lanes.length === 1 ? piece.lanes[0]! : [piece],
          ),
        );
      } else {
        counts[how]!++;
        run(bounded ? on - 1 : on, Math.max(0, r - units[how]![k - 1]!));
      }
    };
    run(level, missing);
    const items: StageItem[] = [];
    counts.forEach((count, machineClass) => {
      const held = rates.held[machineClass]![k - 1]!;
      if (count > 0) items.push({ machineClass, held, count });
    });
    return { layers: k, items, lanes: parallel };
  };
  return {
    cost: (layers) => cost[levels * levelSize + layers * width + steps]!,
    build: (layers) => build(levels, layers, steps),
  };
}

interface StageTables {
  readonly cost: Float64Array;
  readonly choice: Int16Array;
}

/** Entries of tables that are kept for the next call. */
const MOST_KEPT = 2_000_000;
let kept: StageTables = { cost: new Float64Array(0), choice: new Int16Array(0) };

/**
 * Tables with room for so many entries, whatever they hold. Made anew for every call they were most of
 * what a search allocates, and what is allocated outside the heap sets off collections of all of it.
 */
function reserveTables(size: number): StageTables {
  if (size <= kept.cost.length) return kept;
  const tables = { cost: new Float64Array(size), choice: new Int16Array(size) };
  if (size <= MOST_KEPT) kept = tables;
  return tables;
}

/** Rates of single nodes in grid units, ascending, without repetition. */
function listUnits(units: readonly Int32Array[], steps: number): readonly number[] {
  const distinct = new Set(units.flatMap((byLayers) => [...byLayers]));
  return [...distinct].filter((unit) => unit > 0 && unit < steps).sort((a, b) => a - b);
}
