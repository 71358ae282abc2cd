import { describe, expect, test } from "vitest";
import { createRandom, shuffle } from "../../src/core/random.js";

describe("createRandom", () => {
  test("repeats its stream for a seed and changes it with the seed", () => {
    const draw = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(0)).not.toEqual(draw(2 ** 32));
  });

  test("is uniform: mean, variance and chi-squared of 100,000 draws", () => {
    const random = createRandom(7);
    const count = 100_000;
    const cells = Array.from({ length: 100 }, () => 0);
    let sum = 0;
    let squares = 0;
    for (let draw = 0; draw < count; draw += 1) {
      const value = random.next();
      expect(value >= 0 && value < 1).toBe(true);
      sum += value;
      squares += value * value;
      cells[Math.floor(value * 100)]! += 1;
    }
    expect(sum / count).toBeCloseTo(0.5, 2);
    expect(squares / count).toBeCloseTo(1 / 3, 2);
    const chi = cells.reduce((total, cell) => total + (cell - 1000) ** 2 / 1000, 0);
    expect(chi).toBeGreaterThan(60);
    expect(chi).toBeLessThan(150);
  });

  test("draws every integer below n and nothing else", () => {
    const random = createRandom(3);
    const seen = new Set(Array.from({ length: 1000 }, () => random.int(7)));
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("draws normals with mean 0 and deviation 1", () => {
    const random = createRandom(5);
    const draws = Array.from({ length: 50_000 }, () => random.normal());
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((a, b) => a + b * b, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });

  test("forks streams that differ from their parent and repeat with it", () => {
    const parent = createRandom(9);
    const child = parent.fork();
    expect(child.next()).not.toBe(parent.next());
    expect(createRandom(9).fork().next()).toBe(createRandom(9).fork().next());
  });
});

test("shuffle keeps the items and depends only on the seed", () => {
  const shuffled = (seed: number) =>
    shuffle(
      Array.from({ length: 20 }, (_, i) => i),
      createRandom(seed),
    );
  expect(shuffled(1)).toEqual(shuffled(1));
  expect(shuffled(1)).not.toEqual(shuffled(2));
  expect([...shuffled(1)].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});
