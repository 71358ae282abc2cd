/** Nodes of one class that hold every layer of a stage (and may hold layers after it). */
export interface StageItem {
  readonly machineClass: number;
  /** Layers each node holds, ≥ the stage's. */
  readonly held: number;
  readonly count: number;
}

/**
 * A stage of consecutive layers: `items` hold all of it side by side; what they cannot carry flows
 * through `pieces`, stages of fewer layers one after another (empty: the items suffice).
 * Series and parallel only, so its max flow is Σ item rates + min over pieces, whatever the mode
 * of inference.
 */
export interface StageTree {
  readonly layers: number;
  readonly items: readonly StageItem[];
  readonly pieces: readonly StageTree[];
}

/** What the classes can do for a stage of k layers: index k − 1. */
export interface StageRates {
  /** Tokens/s by class; 0 = cannot. */
  readonly rate: readonly Float64Array[];
  /** Layers to hold for that rate, by class: k, or more where more layers run faster. */
  readonly held: readonly Int32Array[];
  /** Longest stage, in layers. */
  readonly most: number;
}

/** A stage as a column of a type-level model. */
export interface StagePattern {
  readonly tree: StageTree;
  readonly layers: number;
  /** Nodes on the longest way through: distinct interval ends. */
  readonly depth: number;
  /** Tokens/s. */
  readonly rate: number;
  /** Nodes by class. */
  readonly usage: Int32Array;
}

/** Summarises a tree. O(size of the tree). */
export function summariseStage(tree: StageTree, rates: StageRates): StagePattern {
  const usage = new Int32Array(rates.rate.length);
  const visit = (stage: StageTree): { readonly rate: number; readonly depth: number } => {
    let rate = 0;
    for (const { machineClass, count } of stage.items) {
      usage[machineClass]! += count;
      rate += count * rates.rate[machineClass]![stage.layers - 1]!;
    }
    if (stage.pieces.length === 0) return { rate, depth: 1 };
    const parts = stage.pieces.map(visit);
    const weakest = parts.reduce((least, part) => Math.min(least, part.rate), Infinity);
    return { rate: rate + weakest, depth: parts.reduce((sum, part) => sum + part.depth, 0) };
  };
  const { rate, depth } = visit(tree);
  return { tree, layers: tree.layers, depth, rate, usage };
}

/** Identifies patterns that are the same column. */
export function stageKey(pattern: StagePattern): string {
  return `${pattern.layers}|${pattern.depth}|${pattern.usage.join(",")}`;
}
