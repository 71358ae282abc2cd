import type { RegionClass } from "../network/region-classes.js";

/** What covers one layer: how many nodes of a class hold it together with so many others. */
export interface LayerPattern {
  readonly items: readonly PatternItem[];
  /** Tokens/s by region. */
  readonly rates: Float64Array;
  /** Nodes by region. */
  readonly counts: Int32Array;
}

export interface PatternItem {
  readonly machineClass: number;
  readonly layers: number;
  readonly rate: number;
}

/** What a layer's covering earns and pays. All ≥ 0 but `layer`. */
export interface PatternPrices {
  /** Earned once. */
  readonly layer: number;
  /** Paid per node of the class that spends its whole self on this layer: an item of k layers pays 1/k. */
  readonly node: Float64Array;
  /** Earned per share of the flow that the region's nodes can carry. */
  readonly share: Float64Array;
  /** `several[r][m]`: earned when region r covers the layer with at least m nodes (m ≥ 1). */
  readonly several: readonly Float64Array[];
  /** `total[m]`: earned when m nodes cover the layer in all; the last entry stands for more. [0] = [1] = 0. */
  readonly total: Float64Array;
  /** Paid 1/k-fold by a single lonely node. */
  readonly lonely: number;
}

export interface PricingTask {
  readonly classes: readonly RegionClass[];
  readonly regionCount: number;
  /** Tokens/s that the layer must carry. */
  readonly flow: number;
  /** Classes whose nodes no link that carries the flow touches. */
  readonly lonely: Uint8Array;
}

export interface PricedPatterns {
  /** No pattern earns more, net. −∞ when nothing covers a layer. */
  readonly bestGain: number;
  readonly patterns: readonly { readonly pattern: LayerPattern; readonly gain: number }[];
}

interface Label {
  readonly rate: number;
  readonly gain: number;
  readonly count: number;
  readonly item: PatternItem | undefined;
  readonly parent: Label | undefined;
  readonly other: Label | undefined;
}

const EMPTY: Label = {
  rate: 0,
  gain: 0,
  count: 0,
  item: undefined,
  parent: undefined,
  other: undefined,
};

/** Label lists longer than this are rounded: rates up to a common grid, never down. */
const LABEL_LIMIT = 800;

/**
 * The coverings of one layer with Σ rate ≥ flow that earn most at the given prices: a knapsack over
 * (class, layers held), by labels (rate, nodes, gain) per region, the regions then combined. A label
 * dominated in all three is dropped; lists too long are rounded in the safe direction, so `bestGain`
 * is never too low. Deterministic.
 */
export function pricePatterns(task: PricingTask, prices: PatternPrices): PricedPatterns {
  const { classes, regionCount, flow } = task;
  const found: { label: Label; gain: number }[] = [];
  const singles = new Map<number, { label: Label; gain: number }>();
  classes.forEach(({ region, options }, machineClass) => {
    for (const { layers, rate } of options) {
      if (rate < flow) continue;
      const fee =
        prices.node[machineClass]! + (task.lonely[machineClass] === 1 ? prices.lonely : 0);
      const gain =
        prices.layer + prices.share[region]! + (prices.several[region]![1] ?? 0) - fee / layers;
      const known = singles.get(region);
      if (known !== undefined && known.gain >= gain) continue;
      const label = { ...EMPTY, rate, count: 1, item: { machineClass, layers, rate } };
      singles.set(region, { label, gain });
    }
  });
  found.push(...singles.values());

  let combined: readonly Label[] = [EMPTY];
  for (let region = 0; region < regionCount; region++) {
    const own = regionLabels(task, prices, region);
    for (const label of own) {
      if (label.rate >= flow && label.count >= 2) {
        found.push({ label, gain: prices.layer + prices.total[label.count]! + label.gain });
      }
    }
    combined = region === 0 ? own : combine(combined, own, flow, prices.total.length - 1);
  }
  let bestMixed: { label: Label; gain: number } | undefined;
  for (const label of combined) {
    if (label.rate < flow || label.count < 2) continue;
    const gain = prices.layer + prices.total[label.count]! + label.gain;
    if (bestMixed === undefined || gain > bestMixed.gain) bestMixed = { label, gain };
  }
  if (bestMixed !== undefined) found.push(bestMixed);
  const bestGain = found.reduce((best, { gain }) => Math.max(best, gain), -Infinity);
  const chosen = selectColumns(found, classes);
  return {
    bestGain,
    patterns: chosen.map(({ label, gain }) => ({
      pattern: toPattern(label, classes, regionCount),
      gain,
    })),
  };
}

/** The best few, at most two of one region by themselves. */
function selectColumns(
  found: readonly { label: Label; gain: number }[],
  classes: readonly RegionClass[],
): readonly { label: Label; gain: number }[] {
  const sorted = [...found].sort((a, b) => b.gain - a.gain);
  const perRegion = new Map<number, number>();
  return sorted.filter(({ label }) => {
    let last: Label | undefined = label;
    while (last !== undefined && last.item === undefined) last = last.other ?? last.parent;
    const region = last === undefined ? -1 : classes[last.item!.machineClass]!.region;
    const taken = perRegion.get(region) ?? 0;
    perRegion.set(region, taken + 1);
    return taken < 3;
  });
}

/** Non-dominated (rate, count, gain) of one region's nodes over a layer, the empty one included. */
function regionLabels(task: PricingTask, prices: PatternPrices, region: number): readonly Label[] {
  const { flow } = task;
  const several = prices.several[region]!;
  const distinct = prices.total.length - 1;
  const enough = Math.max(distinct, several.length - 1);
  let labels: readonly Label[] = [EMPTY];
  task.classes.forEach((machineClass, index) => {
    if (machineClass.region !== region) return;
    const price = prices.node[index]!;
    let frontier = labels;
    const reached = [...labels];
    for (let used = 0; used < machineClass.nodes.length && frontier.length > 0; used++) {
      const next: Label[] = [];
      for (const label of frontier) {
        if (label.rate >= flow && label.count >= enough) continue;
        for (const { layers, rate } of machineClass.options) {
          next.push({
            rate: Math.min(flow, label.rate + rate),
            gain: label.gain - price / layers,
            count: Math.min(enough, label.count + 1),
            item: { machineClass: index, layers, rate },
            parent: label,
            other: undefined,
          });
        }
      }
      frontier = prune(next, enough, flow);
      reached.push(...frontier);
    }
    labels = prune(reached, enough, flow);
  });
  const earned = new Float64Array(enough + 1);
  for (let m = 1; m <= enough; m++) earned[m] = earned[m - 1]! + (several[m] ?? 0);
  return prune(
    labels.map((label) => ({
      ...label,
      gain: label.gain + earned[label.count]! + (prices.share[region]! * label.rate) / flow,
      count: Math.min(distinct, label.count),
    })),
    distinct,
    flow,
  );
}

function combine(
  a: readonly Label[],
  b: readonly Label[],
  flow: number,
  distinct: number,
): readonly Label[] {
  const joined: Label[] = [];
  for (const left of a) {
    for (const right of b) {
      joined.push({
        rate: Math.min(flow, left.rate + right.rate),
        gain: left.gain + right.gain,
        count: Math.min(distinct, left.count + right.count),
        item: undefined,
        parent: left,
        other: right,
      });
    }
  }
  return prune(joined, distinct, flow);
}

/** Without the labels that another one equals or beats in rate, count and gain. */
function prune(labels: Label[], mostCount: number, flow: number): readonly Label[] {
  const kept = pruneExactly(labels, mostCount);
  if (kept.length <= LABEL_LIMIT) return kept;
  const step = flow / LABEL_LIMIT;
  // Up to the upper end of the cell: a rounded rate is never too low.
  const rounded = kept.map((label) => ({
    ...label,
    rate: Math.min(flow, Math.ceil(label.rate / step) * step * (1 + 1e-12)),
  }));
  return pruneExactly(rounded, mostCount);
}

function pruneExactly(labels: Label[], mostCount: number): Label[] {
  labels.sort((a, b) => b.rate - a.rate || b.gain - a.gain || b.count - a.count);
  const best = new Float64Array(mostCount + 1).fill(-Infinity);
  return labels.filter((label) => {
    if (best[label.count]! >= label.gain) return false;
    for (let m = label.count; m >= 0 && best[m]! < label.gain; m--) best[m] = label.gain;
    return true;
  });
}

function toPattern(
  label: Label,
  classes: readonly RegionClass[],
  regionCount: number,
): LayerPattern {
  const items: PatternItem[] = [];
  const visit = (at: Label | undefined): void => {
    if (at === undefined) return;
    if (at.item !== undefined) items.push(at.item);
    visit(at.parent);
    visit(at.other);
  };
  visit(label);
  const rates = new Float64Array(regionCount);
  const counts = new Int32Array(regionCount);
  for (const { machineClass, rate } of items) {
    const { region } = classes[machineClass]!;
    rates[region]! += rate;
    counts[region]!++;
  }
  return { items, rates, counts };
}
