import type { LayerOption } from "../planner/problem/machine-classes.js";
import { wholeClass, type MixProblem } from "./mix-problem.js";

/** Machines of one class in one region at one price. */
export interface MixStock {
  readonly options: readonly LayerOption[];
  readonly region: string;
  readonly available: number;
  /** 0 for machines that are there already. */
  readonly pricePerHour: number;
  /** Index of the offer; undefined: kept nodes. */
  readonly offer: number | undefined;
  /** Node indices of kept machines. */
  readonly nodes: readonly number[];
}

/**
 * What a mix can be made of, kept nodes first; undefined where cards of some machine can be shared out: what is
 * counted there are machines, not nodes.
 */
export function listStocks(problem: MixProblem): readonly MixStock[] | undefined {
  const { classes, offers, kept } = problem;
  const classOf = (groups: readonly number[]): number => wholeClass(problem, groups) ?? -1;
  const all = [...kept, ...offers.filter(({ available }) => available > 0)];
  if (all.some(({ groups }) => classOf(groups) < 0)) return undefined;
  const nodesByKey = new Map<string, number[]>();
  kept.forEach(({ groups, region }, node) => {
    const key = JSON.stringify([groups, region]);
    nodesByKey.set(key, [...(nodesByKey.get(key) ?? []), node]);
  });
  const own = [...nodesByKey.values()].map((nodes): MixStock => {
    const { groups, region } = kept[nodes[0]!]!;
    const { options } = classes[classOf(groups)]!;
    return { options, region, available: nodes.length, pricePerHour: 0, offer: undefined, nodes };
  });
  const bought = offers.map(({ groups, available, pricePerHour, region }, offer): MixStock => ({
    options: classes[classOf(groups)]?.options ?? [],
    region,
    available,
    pricePerHour,
    offer,
    nodes: [],
  }));
  return [...own, ...bought];
}

/** Numbers of machines by offer, from numbers by stock; kept machines are not bought. */
export function countByOffer(
  stocks: readonly MixStock[],
  used: ArrayLike<number>,
  offers: number,
): readonly number[] {
  const counts = Array.from({ length: offers }, () => 0);
  stocks.forEach(({ offer }, stock) => {
    if (offer !== undefined) counts[offer] = used[stock]!;
  });
  return counts;
}

/** Nodes of every stock in the cluster of a mix: kept nodes, then offer by offer. */
export function nodesOfMix(
  stocks: readonly MixStock[],
  counts: readonly number[],
  kept: number,
): readonly (readonly number[])[] {
  const first: number[] = [];
  counts.reduce((sum, count, offer) => {
    first[offer] = sum;
    return sum + count;
  }, kept);
  return stocks.map(({ offer, nodes }) =>
    offer === undefined
      ? nodes
      : Array.from({ length: counts[offer]! }, (_, node) => first[offer]! + node),
  );
}
