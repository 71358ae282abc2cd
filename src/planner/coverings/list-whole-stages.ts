import { summariseStage, type StagePattern, type StageRates } from "./stage-tree.js";

/**
 * Every minimal stage whose nodes all hold the whole of it: multisets of classes with Σ T_t(k) ≥ flow
 * that no node can be taken from. Where there are more than `most`, only those of a single class:
 * what chains are made of, and pricing finds the others that matter.
 */
export function listWholeStages(
  rates: StageRates,
  flow: number,
  supplies: readonly number[],
  maxNodes: number,
  most: number,
): readonly StagePattern[] {
  const all = collect(rates, flow, supplies, maxNodes, most, true);
  return all ?? collect(rates, flow, supplies, maxNodes, Infinity, false) ?? [];
}

function collect(
  rates: StageRates,
  flow: number,
  supplies: readonly number[],
  maxNodes: number,
  most: number,
  mixed: boolean,
): readonly StagePattern[] | undefined {
  const patterns: StagePattern[] = [];
  const counts = new Int32Array(supplies.length);
  for (let k = 1; k <= rates.most && patterns.length <= most; k++) {
    const rateOf = (t: number): number => rates.rate[t]![k - 1]!;
    const order = supplies
      .map((_, t) => t)
      .filter((t) => rateOf(t) > 0)
      .sort((a, b) => rateOf(b) - rateOf(a));
    const record = (): void => {
      const items = order
        .filter((t) => counts[t]! > 0)
        .map((t) => ({ machineClass: t, held: rates.held[t]![k - 1]!, count: counts[t]! }));
      const pattern = summariseStage({ layers: k, items, lanes: [] }, rates);
      if (pattern.rate >= flow) patterns.push(pattern);
    };
    // What the classes from a place on can carry together.
    const together = new Float64Array(order.length + 1);
    for (let at = order.length - 1; at >= 0; at--)
      together[at] = together[at + 1]! + supplies[order[at]!]! * rateOf(order[at]!);
    // Rates descend, so the class that completes the stage is the one least needed.
    const descend = (from: number, missing: number, room: number): void => {
      for (let at = from; at < order.length && patterns.length <= most; at++) {
        if (together[at]! < missing * (1 - 1e-9)) return;
        const t = order[at]!;
        const needed = Math.ceil((missing / rateOf(t)) * (1 - 1e-12));
        const left = Math.min(supplies[t]!, room);
        if (needed <= left) {
          counts[t] = needed;
          record();
        }
        // Fewer of it, the rest by classes that come later.
        const fewer = mixed ? Math.min(needed - 1, left) : 0;
        for (let n = fewer; n > 0; n--) {
          counts[t] = n;
          descend(at + 1, missing - n * rateOf(t), room - n);
        }
        counts[t] = 0;
      }
    };
    descend(0, flow, maxNodes);
  }
  return patterns.length <= most ? patterns : undefined;
}
