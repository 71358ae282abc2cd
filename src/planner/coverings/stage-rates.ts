import { tabulateRates, type MachineClass } from "../problem/machine-classes.js";
import type { StageRates } from "./stage-tree.js";

/**
 * Rates of every class for stages of 1..longest layers.
 * @param longest longest stage wanted; more than any node holds makes room for lanes.
 * @param overlap whether a node may hold layers past its stage (partial inference): it then takes the
 *   number of layers ≥ k at which it is fastest, for tables that are not monotone.
 */
export function tabulateStageRates(
  classes: readonly MachineClass[],
  layers: number,
  overlap: boolean,
  longest = 0,
): StageRates {
  let most = longest;
  for (const { options } of classes) most = Math.max(most, options.at(-1)?.layers ?? 0);
  most = Math.min(most, layers);
  const rate = classes.map((machines) => tabulateRates(machines, most));
  const held = rate.map((rates) => {
    const layersHeld = Int32Array.from(rates, (_, k) => k + 1);
    if (!overlap) return layersHeld;
    for (let k = most - 2; k >= 0; k--) {
      if (rates[k]! >= rates[k + 1]!) continue;
      rates[k] = rates[k + 1]!;
      layersHeld[k] = layersHeld[k + 1]!;
    }
    return layersHeld;
  });
  return { rate, held, most };
}
