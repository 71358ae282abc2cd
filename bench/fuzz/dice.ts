export interface Dice {
  /** A whole number below. */
  readonly int: (below: number) => number;
  readonly chance: (share: number) => boolean;
  /** A number between, evenly in its logarithm. */
  readonly wild: (least: number, most: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** Mulberry32: a generator of the fuzz's own. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    chance: (share) => next() < share,
    wild: (least, most) => least * (most / least) ** next(),
    pick: (items) => items[int(items.length)]!,
  };
}

/** The dice of one instance: a function of seed and number alone. */
export function diceOf(seed: number, number: number): Dice {
  return createDice(Math.imul(seed, 1_000_003) + number);
}
