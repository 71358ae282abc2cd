import type { SurvivalRule } from "../problem/problem.js";
import type { LocalEvaluator } from "./local-evaluator.js";

/** What is left of each layer when the machines are lost that carry most of it, other layers not looked at. */
export interface LossLayers {
  /** Tokens/s left, in shares of the floor: as much flow may there be. Length `layers`. */
  readonly left: Float64Array;
  /** Counts anew, with these rates of nodes and what the holders of each layer carry together. O(held layers). */
  strike(rateOf: (node: number) => number, coverage: Float64Array): void;
  /** After `strike`: the least of `left`. */
  least(): number;
  /** After `strike`: what the layers left lack to the target, or to what the whole placement carries where that is more. */
  lack(target: number, whole: number): number;
}

/** @param machines their nodes */
export function createLossLayers(
  { start, end, layers }: LocalEvaluator,
  machines: readonly (readonly number[])[],
  { losses, floor }: SurvivalRule,
): LossLayers {
  /** By rank and layer: what the machines carry there that carry most. */
  const largest = Array.from({ length: losses }, () => new Float64Array(layers));
  const own = new Float64Array(layers);
  const left = new Float64Array(layers);

  function rank(layer: number, tokens: number): void {
    let rest = tokens;
    for (const row of largest) {
      const there = row[layer]!;
      if (rest <= there) continue;
      row[layer] = rest;
      rest = there;
    }
  }

  return {
    left,
    strike(rateOf, coverage) {
      for (const row of largest) row.fill(0);
      for (const nodes of machines) {
        if (nodes.length > 1) own.fill(0);
        for (const node of nodes) {
          if (start[node] === end[node]) continue;
          const tokens = rateOf(node);
          for (let layer = start[node]!; layer < end[node]!; layer++)
            if (nodes.length > 1) own[layer]! += tokens;
            else rank(layer, tokens);
        }
        // Parts of one machine are lost together.
        if (nodes.length > 1) own.forEach((tokens, layer) => rank(layer, tokens));
      }
      for (let layer = 0; layer < layers; layer++) {
        let rest = coverage[layer]!;
        for (const row of largest) rest -= row[layer]!;
        left[layer] = Math.max(0, rest) / floor;
      }
    },
    least: () => left.reduce((least, tokens) => Math.min(least, tokens), Infinity),
    lack(target, whole) {
      const needed = Math.max(target, whole);
      return left.reduce((sum, tokens) => sum + Math.max(0, needed - tokens), 0);
    },
  };
}
