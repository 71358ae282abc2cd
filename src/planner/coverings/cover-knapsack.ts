/** Things that cover: `rate` towards the requirement at `cost` each; at most `limit` of one group. */
export interface CoverItem {
  readonly rate: number;
  readonly cost: number;
  readonly group: number;
}

export interface CoverSearch {
  /** No cover is cheaper than this. */
  readonly lowerBound: number;
  /** Item index per unit of the cheapest cover found; undefined when none was found. */
  readonly cover: readonly number[] | undefined;
  readonly cost: number;
}

export interface CoverLimits {
  /** Most items of a group, by group. */
  readonly groupLimits: ArrayLike<number>;
  /** Most items in all. */
  readonly maxItems: number;
}

/** Search steps before falling back to the rounded knapsack. */
const STEP_LIMIT = 60_000;
/** A cover of more units, or a choice of more items, is left to the rounded knapsack at once. */
const MOST_UNITS = 1000;
const MOST_ITEMS = 5000;
/** A branch must promise at least this much, relative, to be looked into. */
const PRUNE = 1e-7;

/**
 * The cheapest multiset of items with Σ rate ≥ `required`, by depth-first branch and bound over
 * items in order of cost per rate. Exact to `PRUNE` unless the step limit is hit; the lower bound then
 * comes from {@link roundedCoverBound}. Either way `lowerBound` is valid. Costs ≥ 0, rates > 0.
 */
export function findCheapestCover(
  items: readonly CoverItem[],
  required: number,
  limits: CoverLimits,
): CoverSearch {
  const order = items.map((_, i) => i).sort((a, b) => density(items[a]!) - density(items[b]!));
  const used = new Int32Array(limits.groupLimits.length);
  const chosen: number[] = [];
  let best = Infinity;
  let cover: readonly number[] | undefined;
  let steps = 0;

  // Depth first with a stack of its own: a cover may take as many units as there are steps.
  const search = (): void => {
    const behind: { readonly at: number; readonly missing: number; readonly cost: number }[] = [];
    let at = 0;
    let missing = required;
    let cost = 0;
    for (;;) {
      const open = at < order.length && chosen.length < limits.maxItems && ++steps <= STEP_LIMIT;
      const item = open ? items[order[at]!]! : undefined;
      if (item === undefined || cost + missing * density(item) >= best * (1 - PRUNE)) {
        const last = behind.pop();
        if (last === undefined) return;
        ({ at, missing, cost } = last);
        used[items[chosen.pop()!]!.group]!--;
        at++;
        continue;
      }
      if (used[item.group]! >= limits.groupLimits[item.group]!) {
        at++;
        continue;
      }
      const total = cost + item.cost;
      if (item.rate >= missing) {
        if (total < best) {
          best = total;
          cover = [...chosen, order[at]!];
        }
        at++;
        continue;
      }
      used[item.group]!++;
      chosen.push(order[at]!);
      behind.push({ at, missing, cost });
      missing -= item.rate;
      cost = total;
    }
  };
  const fastest = items.reduce((most, item) => Math.max(most, item.rate), 0);
  const tooLong = items.length > MOST_ITEMS || required > MOST_UNITS * fastest;
  if (!tooLong) search();
  const lowerBound =
    tooLong || steps > STEP_LIMIT ? roundedCoverBound(items, required) : best * (1 - 2 * PRUNE);
  return { lowerBound, cover, cost: best };
}

const density = (item: CoverItem): number => item.cost / item.rate;

/**
 * A lower bound on the cost of any cover, limits ignored: the better of the fluid bound
 * required · min cost/rate and an integer knapsack whose rates are rounded up to `required`/steps.
 * Items that another one replaces at no higher cost are left out first: O(items · log items + kept · steps).
 */
export function roundedCoverBound(
  items: readonly CoverItem[],
  required: number,
  steps = 8000,
): number {
  const cheapest = new Float64Array(steps + 1).fill(Infinity);
  cheapest[0] = 0;
  const { units, costs } = keepWorthwhile(items, required, steps);
  for (let reached = 1; reached <= steps; reached++) {
    let least = Infinity;
    for (let i = 0; i < units.length; i++) {
      const cost = cheapest[Math.max(0, reached - units[i]!)]! + costs[i]!;
      if (cost < least) least = cost;
    }
    cheapest[reached] = least;
  }
  const fluid = required * items.reduce((least, item) => Math.min(least, density(item)), Infinity);
  return Math.max(cheapest[steps]!, fluid) * (1 - 1e-12);
}

/** Rates in steps, rounded up, and costs of the items that no other one with as many steps costs at most as much as. */
function keepWorthwhile(
  items: readonly CoverItem[],
  required: number,
  steps: number,
): { readonly units: readonly number[]; readonly costs: readonly number[] } {
  const rounded = items
    .map(({ rate, cost }) => ({
      units: Math.min(steps, Math.ceil((rate / required) * steps)),
      cost,
    }))
    .sort((a, b) => b.units - a.units || a.cost - b.cost);
  let least = Infinity;
  const kept = rounded.filter(({ cost }) => {
    if (cost >= least) return false;
    least = cost;
    return true;
  });
  return { units: kept.map(({ units }) => units), costs: kept.map(({ cost }) => cost) };
}
