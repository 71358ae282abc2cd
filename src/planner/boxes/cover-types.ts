import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import { lowest } from "./sweep-state.js";

/** Nodes by nothing but their speeds: those of the same speeds are one type. A code is a type and a size. */
export interface CoverTypes {
  readonly count: number;
  readonly codes: number;
  /** Codes of one type: sizes 0 to all layers. */
  readonly sides: number;
  typeOf(node: number): number;
  /** What one of a type counts in a number that tells which nodes are left, and how many such numbers there are. */
  readonly radix: readonly number[];
  readonly keys: number;
  /** By code: tokens/s, and the price of one layer. */
  readonly rateOf: Float64Array;
  readonly shareOf: Float64Array;
  /** By type: most work, and the price of a node; 0 if prices are not known. */
  readonly workOf: Float64Array;
  readonly priceOf: Float64Array;
  /** @returns whether these are others than before. */
  read(limits: SweepLimits): boolean;
  sum(set: number, byType: Float64Array): number;
}

export function describeCoverTypes({ count, layers, best }: SweepNodes): CoverTypes {
  const ofNode = new Int32Array(count);
  const speeds: Float64Array[] = [];
  best.forEach((rates, i) => {
    const known = speeds.findIndex((other) => other.every((rate, k) => rate === rates[k]));
    ofNode[i] = known < 0 ? speeds.push(rates) - 1 : known;
  });
  const radix: number[] = [];
  let keys = 1;
  for (const type of speeds.keys()) {
    radix.push(keys);
    keys *= 1 + ofNode.reduce((sum, of) => sum + (of === type ? 1 : 0), 0);
  }
  const sides = layers + 1;
  const codes = speeds.length * sides;
  const rateOf = new Float64Array(codes);
  const shareOf = new Float64Array(codes);
  const workOf = new Float64Array(speeds.length);
  const priceOf = new Float64Array(speeds.length);
  let known: SweepLimits | undefined;
  return {
    count: speeds.length,
    codes,
    sides,
    typeOf: (node) => ofNode[node]!,
    radix,
    keys,
    rateOf,
    shareOf,
    workOf,
    priceOf,
    read(limits) {
      if (limits === known) return false;
      known = limits;
      priceOf.fill(0);
      workOf.fill(0);
      limits.prices?.forEach((price, i) => {
        priceOf[ofNode[i]!] = Math.max(priceOf[ofNode[i]!]!, price);
      });
      speeds.forEach((rates, t) => {
        for (let k = 1; k <= layers; k++) {
          const rate = Math.min(rates[k]!, limits.flow);
          rateOf[t * sides + k] = rate;
          shareOf[t * sides + k] = priceOf[t]! / k;
          workOf[t] = Math.max(workOf[t]!, k * rate);
        }
      });
      return true;
    },
    sum(set, byType) {
      let sum = 0;
      for (let rest = set; rest !== 0; rest &= rest - 1) sum += byType[ofNode[lowest(rest)]!]!;
      return sum;
    },
  };
}
