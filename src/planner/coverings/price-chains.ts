import type { MachineClass } from "../problem/machine-classes.js";

/** A pipeline of single nodes that holds every layer exactly once. */
export interface ChainPattern {
  /** Tokens/s: least T(k) of its nodes, at the least. */
  readonly flow: number;
  /** Class and layers of each node, in order. */
  readonly nodes: readonly (readonly [machineClass: number, layers: number])[];
  /** Σ prices of its nodes. */
  readonly cost: number;
}

/** Indices of the classes that may stand in one chain: all of them, or those of one degree where that is the rule. */
export function listChainKinds(classes: readonly MachineClass[]): readonly (readonly number[])[] {
  const kinds = new Map<number | undefined, number[]>();
  classes.forEach(({ degree }, t) => kinds.set(degree, [...(kinds.get(degree) ?? []), t]));
  return [...kinds.values()];
}

/** Every rate that the weakest node of a chain of these classes can have, ascending. */
export function listChainFlows(
  classes: readonly MachineClass[],
  kind: readonly number[],
): readonly number[] {
  const rates = kind.flatMap((t) => classes[t]!.options.map(({ rate }) => rate));
  return [...new Set(rates)].sort((a, b) => a - b);
}

/**
 * The cheapest chain of nodes of these classes with T(k) ≥ flow each whose layer counts add up to `layers`;
 * undefined if there is none. Node counts are not looked at (a relaxation). O(layers · options).
 */
export function priceChain(
  { classes, kind, layers }: ChainsOfKind,
  flow: number,
  prices: ArrayLike<number>,
): ChainPattern | undefined {
  const usable = kind.flatMap((t) =>
    classes[t]!.options.filter(({ rate }) => rate >= flow).map((option) => ({
      t,
      held: option.layers,
    })),
  );
  const cost = new Float64Array(layers + 1).fill(Infinity);
  const choice = new Int32Array(layers + 1).fill(-1);
  cost[0] = 0;
  for (let sum = 1; sum <= layers; sum++) {
    usable.forEach(({ t, held }, option) => {
      const total = held > sum ? Infinity : cost[sum - held]! + prices[t]!;
      if (total >= cost[sum]!) return;
      cost[sum] = total;
      choice[sum] = option;
    });
  }
  if (cost[layers] === Infinity) return undefined;
  const nodes: [number, number][] = [];
  for (let sum = layers; sum > 0;) {
    const { t, held } = usable[choice[sum]!]!;
    nodes.push([t, held]);
    sum -= held;
  }
  return { flow, nodes, cost: cost[layers]! };
}

/** Of which nodes chains are made, and how many layers they hold. */
export interface ChainsOfKind {
  readonly classes: readonly MachineClass[];
  /** Indices of the classes that may stand in one chain. */
  readonly kind: readonly number[];
  readonly layers: number;
}
