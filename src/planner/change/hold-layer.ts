/** A way in which a node of a kind may hold a layer: with so many layers in all, and so at a rate and at a price. */
export interface Holding {
  /** Steps of the floor that it computes, rounded up; one at least. */
  readonly size: number;
  /** Of the price of a whole node, and of that of a spilt one: what this layer bears. May be below zero. */
  readonly whole: number;
  readonly spilt: number;
}

/** Nodes of a kind that can hold a layer in the same ways. */
export interface Holders {
  readonly kind: number;
  readonly ways: readonly Holding[];
}

/** By kind what a whole node is worth, and then by kind what a spilt one is. */
export type Prices = ArrayLike<number>;

/** By how many steps of the floor are still needed, the least that those cost who load the layer, and the last of them. */
export interface Loaders {
  readonly cost: Float64Array;
  readonly from: Int32Array;
  readonly way: Int32Array;
}

const NONE = -1;

/** What one node costs by each way, but for what it loads. */
function priceWays({ kind, ways }: Holders, prices: Prices): number[] {
  const kinds = prices.length / 2;
  return ways.map(({ whole, spilt }) => whole * prices[kind]! + spilt * prices[kinds + kind]!);
}

/** The cheapest nodes that load a layer, of each kind as many as one likes. */
export function priceLoaders(
  kinds: readonly Holders[],
  prices: Prices,
  { layer, steps }: { readonly layer: number; readonly steps: number },
): Loaders {
  const cost = new Float64Array(steps + 1).fill(Infinity);
  const [from, way] = [new Int32Array(steps + 1), new Int32Array(steps + 1)];
  cost[0] = 0;
  kinds.forEach((holders, of) =>
    priceWays(holders, prices).forEach((price, at) => {
      const { size } = holders.ways[at]!;
      for (let need = 1; need <= steps; need++) {
        const all = layer + price + cost[need > size ? need - size : 0]!;
        if (all >= cost[need]!) continue;
        cost[need] = all;
        from[need] = of;
        way[need] = at;
      }
    }),
  );
  return { cost, from, way };
}

/**
 * The least that a layer costs: nodes that hold it already, each of them once, and others that load it. Dynamic programming over what is
 * still needed of the floor. O(holders · ways · steps).
 * @returns the cost, and how it changes with the prices.
 */
export function holdLayer(
  holders: readonly (Holders & { readonly count: number })[],
  kinds: readonly Holders[],
  prices: Prices,
  loaders: Loaders,
): { readonly cost: number; readonly slopes: Float64Array } {
  const cost = loaders.cost.slice();
  const steps = cost.length - 1;
  const taken: { readonly by: Holders; readonly choice: Int16Array }[] = [];
  for (const by of holders) {
    const own = priceWays(by, prices);
    for (let node = 0; node < by.count; node++) {
      const choice = new Int16Array(steps + 1).fill(NONE);
      // From above: what is below has not had this node yet.
      for (let need = steps; need > 0; need--) {
        for (let at = 0; at < own.length; at++) {
          const { size } = by.ways[at]!;
          const all = own[at]! + cost[need > size ? need - size : 0]!;
          if (all >= cost[need]!) continue;
          cost[need] = all;
          choice[need] = at;
        }
      }
      taken.push({ by, choice });
    }
  }
  const slopes = new Float64Array(prices.length);
  const use = ({ kind, ways }: Holders, at: number): number => {
    const { size, whole, spilt } = ways[at]!;
    slopes[kind]! += whole;
    slopes[prices.length / 2 + kind]! += spilt;
    return size;
  };
  let need = steps;
  for (const { by, choice } of taken.reverse())
    if (need > 0 && choice[need] !== NONE) need -= use(by, choice[need]!);
  while (need > 0 && loaders.cost[need]! < Infinity)
    need -= use(kinds[loaders.from[need]!]!, loaders.way[need]!);
  return { cost: cost[steps]!, slopes };
}
