import { bestCase } from "../../core/interval-capacity.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import type { PlanningProblem } from "../problem/problem.js";
import { ROUNDING } from "./cover-model.js";
import { holdLayer, priceLoaders, type Holders, type Holding } from "./hold-layer.js";
import type { LoadBytes } from "./load-bytes.js";

export interface PriceOptions {
  /** Tokens/s that must be carried. */
  readonly floor: number;
  /** Prices tried at most. */
  readonly rounds: number;
  readonly shouldStop: () => boolean;
  /** Told of each higher bound, in layers of the largest kind. */
  readonly onBound: (layers: number) => void;
}

/** What prices are worth: no change loads less, and how that changes with them. */
interface Priced {
  readonly prices: readonly number[];
  readonly bound: number;
  readonly slopes: readonly number[];
}

/** Into how many steps the floor is divided; which of them is what rounds the nodes' rates least. */
const FEWEST_STEPS = 1500;
const MOST_STEPS = 2500;
/** Layers of the largest kind by which prices may change at first, for a node of mean speed; after each try more or less. */
const REACH = 1;
const WIDER = 1.5;
const NARROWER = 0.6;
const ENOUGH = 1e-3;

/**
 * What no change loads less than, where the program of a cover is too large: Lagrange's relaxation of nodes. Each layer is for itself: whole
 * nodes that hold it, as many as there are, and others that load it, the cheapest that compute the floor. That a node is in one place has
 * a price: v for all of a node of a kind. One that has k layers bears v / k at each, if it holds none of them or all; if it cannot
 * hold all of them, s · T(k) / T(1) at each that it loads (never more than v / k) and the rest at those that it holds. So no node bears more than
 * v over all its layers, and Σ layers − Σ v is a bound at any prices s ≤ v. The best ones by cutting planes around the best known.
 *
 * Where little is to be spared half of a fast node cannot be lent, which no linear program sees that has columns for nodes alone.
 */
export function priceNodes(
  problem: PlanningProblem,
  load: LoadBytes,
  solver: Solver,
  { floor, rounds, shouldStop, onBound }: PriceOptions,
): void {
  const space = listSpace(problem, load, floor);
  if (space.kinds.length === 0) return;
  // Where layers are alike a whole number of them is loaded.
  const alike = space.layers.every(({ cost }) => cost === 1);
  const say = (bound: number): void => onBound(alike ? Math.ceil(bound - ENOUGH) : bound);
  let best = pricePoint(
    space,
    [...space.speeds, ...space.speeds].map(() => 0),
  );
  say(best.bound);
  const planes = [best];
  let reach = REACH;
  for (let round = 1; round < rounds && !shouldStop(); round++) {
    const next = maximize(
      planes,
      best.prices,
      space.speeds.map((speed) => speed * reach),
      solver,
    );
    if (next === undefined || next.bound <= best.bound + ENOUGH) return;
    const point = pricePoint(space, next.prices);
    planes.push(point);
    reach *= point.bound > best.bound ? WIDER : NARROWER;
    if (point.bound <= best.bound) continue;
    best = point;
    say(best.bound);
  }
}

/** Nodes by kinds of machines, and layers by what they cost and by which nodes hold them. */
interface PriceSpace {
  /** Nodes of each kind that hold nothing of a layer. */
  readonly kinds: readonly Holders[];
  /** Nodes of each kind. */
  readonly counts: readonly number[];
  /** What a node of each kind computes of one layer, next to the mean. */
  readonly speeds: readonly number[];
  readonly layers: readonly LikeLayers[];
  readonly steps: number;
}

interface LikeLayers {
  readonly cost: number;
  readonly holders: readonly (Holders & { readonly count: number })[];
  /** How many such layers there are. */
  times: number;
}

function listSpace(
  { cluster, constraints }: PlanningProblem,
  { held, between, largestLayer }: LoadBytes,
  floor: number,
): PriceSpace {
  const movable = [...cluster.nodes.keys()].filter((node) => !constraints.drained.has(node));
  const machines = [...new Set(movable.map((node) => cluster.nodes[node]!.machine))];
  const kindOf = (node: number): number => machines.indexOf(cluster.nodes[node]!.machine);
  const rates = machines.map(
    (machine) => bestCase(cluster.machines[machine]!.capacity).tokensPerSecond,
  );
  const sizeOf = (node: number): number => (held[node] ?? [0, 0])[1] - (held[node] ?? [0, 0])[0];
  const used = movable.map((node) => rates[kindOf(node)]![Math.max(0, sizeOf(node) - 1)] ?? 0);
  const steps = chooseSteps(used, floor);
  const unit = (floor * (1 - ROUNDING)) / steps;
  const waysOf = (kind: number, size: number): Holders => ({
    kind,
    ways: listWays(rates[kind]!, size, { steps, unit }),
  });
  const layers = new Map<string, LikeLayers>();
  const ways = new Map<string, Holders>();
  for (let layer = 0; layer < cluster.model.layers; layer++) {
    const counts = new Map<string, number>();
    for (const node of movable) {
      const [start, end] = held[node] ?? [0, 0];
      if (layer < start || layer >= end) continue;
      const key = `${kindOf(node)} ${end - start}`;
      if (!ways.has(key)) ways.set(key, waysOf(kindOf(node), end - start));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const cost = between(layer, layer + 1) / largestLayer;
    const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = `${cost} ${sorted.join(" ")}`;
    const known = layers.get(key);
    const holders = sorted.map(([each, count]) => ({ ...ways.get(each)!, count }));
    if (known === undefined) layers.set(key, { cost, holders, times: 1 });
    else known.times += 1;
  }
  const counts = machines.map((_, kind) => movable.filter((node) => kindOf(node) === kind).length);
  const first = rates.map(([rate]) => rate ?? 0);
  const mean = first.reduce((sum, rate, kind) => sum + rate * counts[kind]!, 0) / movable.length;
  return {
    kinds: machines.map((_, kind) => waysOf(kind, 0)),
    counts,
    speeds: first.map((rate) => rate / mean),
    layers: [...layers.values()],
    steps,
  };
}

/** How a node bears its price at a layer that it holds, with `size` layers in all; at one that it does not hold where that is 0. */
function listWays(
  rates: readonly number[],
  size: number,
  { steps, unit }: { readonly steps: number; readonly unit: number },
): readonly Holding[] {
  const ways = rates.map((rate, at): Holding => {
    const like = { size: Math.min(steps, Math.ceil(rate / unit)) };
    const count = at + 1;
    const spilt = Math.min(rate / rates[0]!, 1 / count);
    if (count === 1 || count <= size) return { ...like, whole: 1 / count, spilt: 0 };
    if (size === 0) return { ...like, whole: 0, spilt };
    return { ...like, whole: 1 / size, spilt: spilt * (1 - count / size) };
  });
  return ways.filter((way) => way.size > 0);
}

/** By how many steps of the floor the rates are rounded up least, in all. */
function chooseSteps(rates: readonly number[], floor: number): number {
  const times = new Map<number, number>();
  for (const rate of rates) times.set(rate, (times.get(rate) ?? 0) + 1);
  let [best, least] = [FEWEST_STEPS, Infinity];
  for (let steps = FEWEST_STEPS; steps <= MOST_STEPS; steps++) {
    const unit = (floor * (1 - ROUNDING)) / steps;
    let more = 0;
    for (const [rate, count] of times) more += count * (Math.ceil(rate / unit) * unit - rate);
    if (more < least) [best, least] = [steps, more];
  }
  return best;
}

/** The bound at some prices: Σ layers − Σ prices · nodes, and its slopes. */
function pricePoint(
  { kinds, counts, layers, steps }: PriceSpace,
  prices: readonly number[],
): Priced {
  let bound = 0;
  const slopes = prices.map((price, at) => {
    const count = counts[at] ?? 0;
    bound -= count * price;
    return -count;
  });
  const loaders = new Map<number, ReturnType<typeof priceLoaders>>();
  for (const { cost, holders, times } of layers) {
    const others = loaders.get(cost) ?? priceLoaders(kinds, prices, { layer: cost, steps });
    loaders.set(cost, others);
    const layer = holdLayer(holders, kinds, prices, others);
    bound += times * layer.cost;
    layer.slopes.forEach((slope, at) => (slopes[at]! += times * slope));
  }
  return { prices, bound, slopes };
}

/** The prices near some at which the planes known allow most. */
function maximize(
  planes: readonly Priced[],
  near: readonly number[],
  reach: readonly number[],
  solver: Solver,
): { readonly prices: readonly number[]; readonly bound: number } | undefined {
  const builder = createModelBuilder("maximize");
  const kinds = reach.length;
  const bound = builder.addColumn({ lower: -Infinity, upper: Infinity, cost: 1 });
  const columns = near.map((price, at) => {
    const width = reach[at % kinds]!;
    return builder.addColumn({ lower: Math.max(0, price - width), upper: price + width, cost: 0 });
  });
  for (let kind = 0; kind < kinds; kind++) {
    const entries = [
      [columns[kind]!, columns[kinds + kind]!],
      [1, -1],
    ] as const;
    builder.addRow({ lower: 0, upper: Infinity, entries });
  }
  for (const plane of planes) {
    const at = plane.prices.reduce((sum, price, column) => sum + price * plane.slopes[column]!, 0);
    builder.addRow({
      lower: -Infinity,
      upper: plane.bound - at,
      entries: [
        [bound, ...columns],
        [1, ...plane.slopes.map((slope) => -slope)],
      ],
    });
  }
  const { status, columns: values, objective } = solver.solve(builder.build());
  if (status !== "optimal" || values === undefined || objective === undefined) return undefined;
  const whole = columns.slice(0, kinds).map((column) => Math.max(0, values[column]!));
  const spilt = columns.slice(kinds).map((column) => Math.max(0, values[column]!));
  return {
    prices: [...whole, ...spilt.map((price, kind) => Math.min(price, whole[kind]!))],
    bound: objective,
  };
}
