import { expect, test } from "vitest";
import { searchGpus } from "../../src/hardware/search-gpus.js";

const named = (...words: string[]): readonly string[] => searchGpus(words).map(({ name }) => name);

test("several cards are found by their names, and one by the words of its name", () => {
  expect(named("3090", "4090")).toEqual(expect.arrayContaining(["RTX-3090", "RTX-4090"]));
  const cards = named("L40S", "4090");
  expect([...cards].sort()).toEqual(["L40S", "RTX-4090", "RTX-4090-D"]);
  expect(named("Tesla", "V100-SXM2-16GB").every((name) => name.startsWith("V100"))).toBe(true);
});
