/** Nodes of one class that hold every layer of a stage (and may hold layers after it). */
export interface StageItem {
  readonly machineClass: number;
  /** Layers each node holds, ≥ the stage's. */
  readonly held: number;
  readonly count: number;
}

/**
 * A stage of consecutive layers: `items` hold all of it side by side; beside them run `lanes`, each a
 * sequence of stages of fewer layers, one after another. Series and parallel only, so its max flow
 * is Σ item rates + Σ over lanes of the weakest piece, whatever the mode of inference.
 */
export interface StageTree {
  readonly layers: number;
  readonly items: readonly StageItem[];
  readonly lanes: readonly (readonly StageTree[])[];
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
  const ends = new Set<number>();
  const visit = (stage: StageTree, start: number): number => {
    let rate = 0;
    for (const { machineClass, count } of stage.items) {
      usage[machineClass]! += count;
      rate += count * rates.rate[machineClass]![stage.layers - 1]!;
      ends.add(start + stage.layers);
    }
    for (const lane of stage.lanes) {
      let weakest = Infinity;
      let border = start;
      for (const piece of lane) {
        weakest = Math.min(weakest, visit(piece, border));
        border += piece.layers;
      }
      rate += weakest;
    }
    return rate;
  };
  const rate = visit(tree, 0);
  return { tree, layers: tree.layers, depth: ends.size, rate, usage };
}

/** Identifies patterns that are the same column. */
export function stageKey(pattern: StagePattern): string {
  return `${pattern.layers}|${pattern.depth}|${pattern.usage.join(",")}`;
}
