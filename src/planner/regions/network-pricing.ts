import type { LayerItem } from "../coverings/configuration-lp.js";
import type { RegionClass } from "../problem/machine-classes.js";

/** What covers one layer: how many nodes of a class hold it together with so many others. */
export interface LayerPattern {
  readonly items: readonly LayerItem[];
  /** Tokens/s by region. */
  readonly rates: Float64Array;
  /** Nodes by region. */
  readonly counts: Int32Array;
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
  /** No pattern earns more, net; at least 0. */
  readonly bestGain: number;
  readonly patterns: readonly { readonly pattern: LayerPattern; readonly gain: number }[];
}

interface Label {
  readonly rate: number;
  readonly gain: number;
  readonly count: number;
  readonly item: LayerItem | undefined;
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

/** How label lists are kept short. */
interface Grid {
  /** Longest list of labels; longer ones are rounded to a grid of as many rates. */
  readonly limit: number;
  /** `up`: no covering is missed, some may fall short of F a little. `down`: all found are real. */
  readonly rounding: "up" | "down";
}

const EXACT: Grid = { limit: 600, rounding: "up" };
const QUICK: Grid = { limit: 80, rounding: "down" };

/**
 * The coverings of one layer with Σ rate ≥ flow that earn most at the given prices: a knapsack over
 * (class, layers held), by labels (rate, nodes, gain) per region, the regions then combined. A label
 * dominated in all three is dropped; lists too long are rounded in the safe direction, so `bestGain`
 * is never too low. Deterministic.
 */
export function pricePatterns(task: PricingTask, prices: PatternPrices): PricedPatterns {
  return pricePatternsOn(EXACT, task, prices);
}

/** Good coverings in a fraction of the time; `bestGain` is that of the best one found. */
export function findPatternsQuickly(task: PricingTask, prices: PatternPrices): PricedPatterns {
  return pricePatternsOn(QUICK, task, prices);
}

function pricePatternsOn(grid: Grid, task: PricingTask, prices: PatternPrices): PricedPatterns {
  const { classes, regionCount, flow } = task;
  const found: { label: Label; gain: number }[] = [];
  const hope = createHope(task, prices);
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
    const own = regionLabels(grid, task, prices, region, hope);
    for (const label of own) {
      if (label.rate >= flow && label.count >= 2) {
        found.push({ label, gain: prices.layer + prices.total[label.count]! + label.gain });
      }
    }
    combined =
      region === 0 ? own : combine(grid, combined, own, flow, prices.total.length - 1, hope);
  }
  let bestMixed: { label: Label; gain: number } | undefined;
  for (const label of combined) {
    if (label.rate < flow || label.count < 2) continue;
    const gain = prices.layer + prices.total[label.count]! + label.gain;
    if (bestMixed === undefined || gain > bestMixed.gain) bestMixed = { label, gain };
  }
  if (bestMixed !== undefined) found.push(bestMixed);
  const bestGain = found.reduce((best, { gain }) => Math.max(best, gain), hope.threshold);
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

/** What a partly filled covering can still come to. */
interface Hope {
  /** Coverings that earn no more than this need not be found. ≥ 0. */
  readonly threshold: number;
  /**
   * Whether no completion of (rate, gain) earns more than the threshold. The gain is node costs
   * alone for nodes of one region, or has `earned` what shares and counts of several regions give.
   */
  isLost(rate: number, gain: number, earned: boolean): boolean;
}

/**
 * A bound by densities: what is missing costs at least the cheapest node price per rate, and shares
 * earn at most what is worth its own rate.
 */
function createHope({ classes, regionCount, flow }: PricingTask, prices: PatternPrices): Hope {
  const density = new Float64Array(regionCount).fill(Infinity);
  classes.forEach(({ region, options }, index) => {
    for (const { layers, rate } of options) {
      const perRate = prices.node[index]! / layers / Math.min(rate, flow);
      density[region] = Math.min(density[region]!, perRate);
    }
  });
  const cheapest = density.reduce((least, value) => Math.min(least, value), Infinity);
  const most = prices.several.reduce(
    (all, earned) => all + earned.reduce((sum, value) => sum + value, 0),
    prices.total.reduce((best, value) => Math.max(best, value), 0),
  );
  const shares = prices.share.reduce((sum, value) => sum + value, 0);
  // Filling region r up to F earns net F·(share/F − density): what is above 0 comes for nothing.
  const nets = Array.from(prices.share, (share, r) => share - density[r]! * flow);
  const profit = nets.reduce((sum, net) => sum + Math.max(0, net), 0);
  const bestNet = nets.reduce((best, net) => Math.max(best, net), -Infinity);
  const bestShare = prices.share.reduce((best, value) => Math.max(best, value), 0);
  const threshold = 0;
  return {
    threshold,
    isLost(rate, gain, earned) {
      const missing = Math.max(0, flow - rate) / flow;
      const bySum = shares - missing * flow * cheapest;
      const byNet = (earned ? 0 : bestShare) + profit + missing * Math.min(0, bestNet);
      const best = prices.layer + gain + most + Math.min(bySum, byNet);
      return best <= threshold - 1e-9 * Math.abs(prices.layer);
    },
  };
}

/** Non-dominated (rate, count, gain) of one region's nodes over a layer, the empty one included. */
function regionLabels(
  grid: Grid,
  task: PricingTask,
  prices: PatternPrices,
  region: number,
  hope: Hope,
): readonly Label[] {
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
          const reachedRate = Math.min(flow, label.rate + rate);
          const gain = label.gain - price / layers;
          if (hope.isLost(reachedRate, gain, false)) continue;
          next.push({
            rate: reachedRate,
            gain,
            count: Math.min(enough, label.count + 1),
            item: { machineClass: index, layers, rate },
            parent: label,
            other: undefined,
          });
        }
      }
      frontier = prune(grid, next, enough, flow);
      reached.push(...frontier);
    }
    labels = prune(grid, reached, enough, flow);
  });
  const earned = new Float64Array(enough + 1);
  for (let m = 1; m <= enough; m++) earned[m] = earned[m - 1]! + (several[m] ?? 0);
  return prune(
    grid,
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
  grid: Grid,
  a: readonly Label[],
  b: readonly Label[],
  flow: number,
  distinct: number,
  hope: Hope,
): readonly Label[] {
  const joined: Label[] = [];
  for (const left of a) {
    for (const right of b) {
      const rate = Math.min(flow, left.rate + right.rate);
      const gain = left.gain + right.gain;
      if (hope.isLost(rate, gain, true)) continue;
      joined.push({
        rate,
        gain,
        count: Math.min(distinct, left.count + right.count),
        item: undefined,
        parent: left,
        other: right,
      });
    }
  }
  return prune(grid, joined, distinct, flow);
}

/** Without the labels that another one equals or beats in rate, count and gain. */
function prune(grid: Grid, labels: Label[], mostCount: number, flow: number): readonly Label[] {
  const kept = pruneExactly(labels, mostCount);
  if (kept.length <= grid.limit) return kept;
  const step = flow / grid.limit;
  const round = (rate: number): number =>
    grid.rounding === "up"
      ? Math.min(flow, Math.ceil(rate / step) * step * (1 + 1e-12))
      : rate === flow
        ? flow
        : Math.min(rate, Math.floor(rate / step) * step);
  return pruneExactly(
    kept.map((label) => ({ ...label, rate: round(label.rate) })),
    mostCount,
  );
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
  const items: LayerItem[] = [];
  const waiting: (Label | undefined)[] = [label];
  while (waiting.length > 0) {
    const at = waiting.pop();
    if (at === undefined) continue;
    if (at.item !== undefined) items.push(at.item);
    waiting.push(at.other, at.parent);
  }
  const rates = new Float64Array(regionCount);
  const counts = new Int32Array(regionCount);
  for (const { machineClass, rate } of items) {
    const { region } = classes[machineClass]!;
    rates[region]! += rate;
    counts[region]!++;
  }
  return { items, rates, counts };
}
