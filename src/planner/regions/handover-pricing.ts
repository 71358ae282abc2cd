import type { HandoverModel, SenderLevels } from "./handover-model.js";

/** A node over a layer: how many layers it holds, and what it passes, tokens/s. */
export interface HandoverItem {
  readonly machineClass: number;
  readonly layers: number;
  /** At least this much, at most what it covers. */
  readonly passed: number;
  readonly covered: number;
  /** Level of what it passes among the levels of its region. */
  readonly level: number;
}

/** What covers a layer, and which region's nodes hand over to it. */
export interface HandoverColumn {
  readonly items: readonly HandoverItem[];
  readonly sender: number;
  /** The highest level of that region's nodes that it takes. */
  readonly level: number;
}

/** Row duals ≥ 0. */
export interface HandoverPrices {
  /** Per class: a node. */
  readonly node: Float64Array;
  /** Per region and level: what the rows of the levels up to it cost a node that passes F, or earn a layer that takes it. */
  readonly handed: readonly Float64Array[];
}

export interface HandoverTask {
  readonly model: HandoverModel;
  readonly flow: number;
  readonly senders: readonly SenderLevels[];
  readonly items: readonly HandoverItem[];
}

export interface PricedColumn {
  /** Node costs less what it earns; never too high when rates are rounded up. */
  readonly cost: number;
  readonly column: HandoverColumn;
}

/** Parts of a level between which flows are told apart. */
const PARTS_PER_LEVEL = 3;

/** Every class at every size, by what it passes. O(classes · layers · levels). */
export function listHandoverItems(
  { classes, layers }: HandoverModel,
  senders: readonly SenderLevels[],
  flow: number,
): readonly HandoverItem[] {
  const items: HandoverItem[] = [];
  classes.forEach(({ region, options }, machineClass) => {
    const { width, count } = senders[region]!;
    for (const { layers: held, rate } of options) {
      const most = Math.min(rate, flow);
      if (count === 1 || held === layers) {
        items.push({ machineClass, layers: held, passed: 0, covered: most, level: 1 });
        continue;
      }
      const part = width / PARTS_PER_LEVEL;
      for (let n = 0; n * part < most; n++) {
        const level = Math.min(count, 1 + Math.floor(n / PARTS_PER_LEVEL));
        const covered = Math.min(most, (n + 1) * part);
        items.push({ machineClass, layers: held, passed: n * part, covered, level });
      }
    }
  });
  return items;
}

/**
 * Per region that may send, the cheapest covering of a layer for its handovers: a knapsack over what is covered, in steps of F / `steps`, and
 * the levels taken. Rounded up, no covering is missed and the costs are bounds; rounded down, what is found covers F.
 * O(regions · steps · levels · items that are the cheapest of their step).
 */
export function priceHandovers(
  task: HandoverTask,
  prices: HandoverPrices,
  grid: { readonly steps: number; readonly up: boolean },
): readonly PricedColumn[] {
  const cheapest = listCheapest(task, prices, grid);
  return task.senders.map((levels, sender) =>
    priceSender(prices, { ...grid, cheapest, levels, sender }),
  );
}

interface StepItem {
  readonly steps: number;
  readonly cost: number;
  readonly region: number;
  readonly item: HandoverItem;
}

/** Per region, the items that none of its others covers as much as for less. */
function listCheapest(
  { model, flow, items }: HandoverTask,
  prices: HandoverPrices,
  { steps, up }: { readonly steps: number; readonly up: boolean },
): readonly StepItem[] {
  const best = model.links.map((): (StepItem | undefined)[] => []);
  for (const item of items) {
    const { region } = model.classes[item.machineClass]!;
    const exact = (item.covered / flow) * steps;
    const reached = Math.min(
      steps,
      up ? Math.max(1, Math.ceil(exact - 1e-9)) : Math.floor(exact + 1e-9),
    );
    if (reached === 0) continue;
    const fee =
      prices.node[item.machineClass]! + (prices.handed[region]![item.level]! * item.passed) / flow;
    const cost = fee / item.layers;
    const known = best[region]![reached];
    if (known === undefined || cost < known.cost)
      best[region]![reached] = { steps: reached, cost, region, item };
  }
  return best.flatMap((row) => {
    let least = Infinity;
    const kept: StepItem[] = [];
    for (let reached = steps; reached > 0; reached--) {
      const own = row[reached];
      if (own === undefined || own.cost >= least) continue;
      least = own.cost;
      kept.push(own);
    }
    return kept;
  });
}

function priceSender(
  prices: HandoverPrices,
  setup: {
    readonly steps: number;
    readonly cheapest: readonly StepItem[];
    readonly levels: SenderLevels;
    readonly sender: number;
  },
): PricedColumn {
  const { steps, cheapest, levels, sender } = setup;
  const { count, taken } = levels;
  const earned = prices.handed[sender]!;
  const width = steps + 1;
  // Row c: at least c levels taken. Level 1 asks for nothing.
  const rows = count === 1 ? 1 : count + 1;
  const least = new Float64Array(rows * width).fill(Infinity);
  const choice = new Int32Array(rows * width).fill(-1);
  least[0] = 0;
  const units = Int32Array.from(cheapest, (own) => own.steps);
  const costs = Float64Array.from(cheapest, (own) => own.cost);
  const ups = Int32Array.from(cheapest, (own) => taken[own.region]!);
  for (let c = 0; c < rows; c++) {
    for (let reached = 0; reached <= steps; reached++) {
      const at = c * width + reached;
      let [low, by] = [least[at]!, -1];
      for (let n = 0; n < units.length; n++) {
        const row = Math.max(0, c - ups[n]!);
        const column = Math.max(0, reached - units[n]!);
        const before = row * width + column;
        if (before >= at) continue;
        const cost = least[before]! + costs[n]!;
        if (cost < low) [low, by] = [cost, n];
      }
      least[at] = low;
      choice[at] = by;
    }
  }
  let best = { cost: Infinity, row: 0 };
  for (let c = 0; c < rows; c++) {
    const cost = least[c * width + steps]! - earned[Math.max(1, c)]!;
    if (cost < best.cost) best = { cost, row: c };
  }
  const items: HandoverItem[] = [];
  let at = best.row * width + steps;
  while (choice[at]! >= 0) {
    const n = choice[at]!;
    items.push(cheapest[n]!.item);
    at =
      Math.max(0, Math.floor(at / width) - ups[n]!) * width + Math.max(0, (at % width) - units[n]!);
  }
  return { cost: best.cost, column: { items, sender, level: Math.max(1, best.row) } };
}
