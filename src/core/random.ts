/** A seeded stream of pseudo-random numbers. Same seed, same stream, on every machine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
  /** Uniform integer in [0, n); n ≥ 1 and below 2^32. */
  int(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** A stream of its own: drawing from it leaves this one where it is. */
  fork(): Random;
}

/**
 * The one generator of this program: sfc32 (Chris Doty-Humphrey's small fast counter, 128 bits of
 * state, period at least 2^32, passes PractRand), its state filled from the seed.
 *
 * @param seed any integer.
 */
export function createRandom(seed: number): Random {
  let a = seed | 0;
  let b = Math.trunc(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;

  function bits(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let round = 0; round < 15; round += 1) bits();

  const random: Random = {
    next: () => bits() / 2 ** 32,
    int: (n) => Math.floor((bits() / 2 ** 32) * n),
    normal() {
      const radius = Math.sqrt(-2 * Math.log((bits() + 1) / 2 ** 32));
      return radius * Math.cos((2 * Math.PI * bits()) / 2 ** 32);
    },
    fork: () => createRandom(bits()),
  };
  return random;
}

/** Shuffles in place (Fisher–Yates); returns its argument. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = random.int(last + 1);
    const item = items[last]!;
    items[last] = items[other]!;
    items[other] = item;
  }
  return items;
}
