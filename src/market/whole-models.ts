import type { MixStock } from "./mix-stock.js";

/** Machines that hold the whole model each, beside one another. */
export interface WholeModels {
  /** By stock. */
  readonly used: readonly number[];
  /** Tokens/s of all of them. */
  readonly flow: number;
  readonly pricePerHour: number;
}

/** Numbers of machines tried of a class. */
const MOST_STEPS = 12;

/**
 * Numbers of machines worth trying as holders of the whole model: of every stock kind alone, and of
 * all of them in order of price per token/s. Evenly spaced where there are many. None comes first.
 */
export function listWholeModels(
  stocks: readonly MixStock[],
  layers: number,
  mostPrice: number,
): readonly WholeModels[] {
  const rateOf = ({ options }: MixStock): number =>
    options.find((option) => option.layers === layers)?.rate ?? 0;
  const able = [...stocks.keys()]
    .filter((s) => rateOf(stocks[s]!) > 0 && stocks[s]!.available > 0)
    .sort((a, b) => {
      const each = (s: number): number => stocks[s]!.pricePerHour / rateOf(stocks[s]!);
      return each(a) - each(b);
    });
  const found = new Map<string, WholeModels>();
  const orders = [able, ...new Set(able.map((s) => stocks[s]!.options))].map((order) =>
    order === able ? able : able.filter((s) => stocks[s]!.options === order),
  );
  for (const order of orders) {
    const sequence: WholeModels[] = [{ used: stocks.map(() => 0), flow: 0, pricePerHour: 0 }];
    for (const s of order) {
      for (let n = 0; n < stocks[s]!.available; n++) {
        const last = sequence.at(-1)!;
        const pricePerHour = last.pricePerHour + stocks[s]!.pricePerHour;
        if (pricePerHour > mostPrice * (1 + 1e-9)) break;
        const used = last.used.map((count, at) => (at === s ? count + 1 : count));
        sequence.push({ used, flow: last.flow + rateOf(stocks[s]!), pricePerHour });
      }
    }
    const step = Math.max(1, (sequence.length - 1) / MOST_STEPS);
    for (let at = 0; at < sequence.length; at += step) {
      const whole = sequence[Math.round(at)]!;
      found.set(whole.used.join(), whole);
    }
  }
  return [...found.values()];
}
