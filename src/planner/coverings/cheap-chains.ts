import type { MachineClass } from "../problem/machine-classes.js";
import type { ChainPattern, ChainsOfKind } from "./price-chains.js";

/** What chains are listed, and until when. */
export interface CheapLimits {
  /** Prices of a node by class, and of a chain itself. */
  readonly prices: ArrayLike<number>;
  readonly fixed: number;
  /** A chain may cost so much more than its flow. */
  readonly slack: number;
  /** Most nodes of each class. */
  readonly supplies: ArrayLike<number>;
  /** Looks after which nothing is returned. */
  readonly mostLooks: number;
}

/**
 * Every chain that costs at most its flow and the slack, one for every multiset of nodes to which none could be
 * spared, with the most flow that it reaches. By classes alone: each node holds as many layers as let the flow pass, so
 * the layers of a chain may add up to more than the model has. Any chain within the limits has one of these within its nodes,
 * with no less flow.
 * @returns undefined where there are too many. O(flows · multisets).
 */
export function listCheapChains(
  { classes, kind, layers }: ChainsOfKind,
  flows: readonly number[],
  { prices, fixed, slack, supplies, mostLooks }: CheapLimits,
): readonly ChainPattern[] | undefined {
  const found = new Map<string, ChainPattern>();
  let looks = 0;
  for (const flow of flows.toReversed()) {
    const usable = kind
      .map((t) => ({ t, held: heldAt(classes[t]!, flow), price: prices[t]! }))
      .filter(({ held, t }) => held > 0 && supplies[t]! > 0);
    // Least price of a layer among the classes from here on.
    const least = usable.map((_, at) =>
      usable.slice(at).reduce((low, { held, price }) => Math.min(low, price / held), Infinity),
    );
    const counts = usable.map(() => 0);
    const take = (at: number, left: number, cost: number): void => {
      if (++looks > mostLooks) return;
      if (left <= 0) {
        if (usable.some(({ held }, u) => counts[u]! > 0 && held <= -left)) return;
        const key = usable.map(({ t }, u) => (counts[u]! > 0 ? `${t}x${counts[u]}` : "")).join(" ");
        if (found.has(key.trim())) return;
        const nodes = usable.flatMap(({ t, held }, u) =>
          Array.from({ length: counts[u]! }, (): [number, number] => [t, held]),
        );
        found.set(key.trim(), { flow, nodes, cost });
        return;
      }
      if (at === usable.length || cost + fixed + left * least[at]! > flow + slack) return;
      const { t, held, price } = usable[at]!;
      const most = Math.min(supplies[t]!, Math.ceil(left / held));
      for (let count = most; count >= 0; count--) {
        counts[at] = count;
        take(at + 1, left - count * held, cost + count * price);
      }
      counts[at] = 0;
    };
    take(0, layers, 0);
    if (looks > mostLooks) return undefined;
  }
  return [...found.values()];
}

function heldAt({ options }: MachineClass, flow: number): number {
  return options.reduce(
    (most, { layers, rate }) => (rate >= flow ? Math.max(most, layers) : most),
    0,
  );
}

/**
 * The chain with no layer more than the model has, from the slowest node on one layer less each; undefined
 * where no node may hold less at its flow. O(surplus · nodes).
 */
export function trimChain(
  classes: readonly MachineClass[],
  layers: number,
  chain: ChainPattern,
): ChainPattern | undefined {
  const nodes = chain.nodes.map(([t, held]): [number, number] => [t, held]);
  const rateOf = (t: number, held: number): number =>
    classes[t]!.options.find((option) => option.layers === held)?.rate ?? 0;
  for (let over = nodes.reduce((sum, [, held]) => sum + held, -layers); over > 0; over--) {
    const able = nodes.filter(([t, held]) => rateOf(t, held - 1) >= chain.flow);
    if (able.length === 0) return undefined;
    const slowest = able.reduce((a, b) => (rateOf(...b) < rateOf(...a) ? b : a));
    slowest[1] -= 1;
  }
  return { ...chain, nodes };
}
