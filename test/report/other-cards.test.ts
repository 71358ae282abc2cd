import { expect, test } from "vitest";
import { describeOtherCards } from "../../src/report/explanation.js";

test("a way to share out cards that was looked at twice is told once, by its better look", () => {
  const looks = [
    { strategy: "cards as 8 dgx/tp1", served: 80 },
    { strategy: "cards as 4 dgx/tp2", served: 100 },
    { strategy: "cards as 8 dgx/tp1", served: 90 },
    { strategy: "local search" },
  ];
  expect(describeOtherCards(looks).slice(2)).toEqual([
    "  100.0: 4 dgx/tp2",
    "  90.0 (10.00 % less): 8 dgx/tp1",
  ]);
  // One way is no choice.
  expect(describeOtherCards([looks[0]!, looks[2]!])).toEqual([]);
});

test("trials say with which steps they were, which need not be those of the plan", () => {
  const looks = [
    { strategy: "cards as 8 dgx/tp1", served: 80 },
    { strategy: "cards as 4 dgx/tp2", served: 100 },
    { strategy: "steps of 2048 tokens", served: 100 },
    { strategy: "cards as 8 dgx/tp1", served: 210 },
    { strategy: "local search" },
    { strategy: "steps of 256 tokens", served: 220 },
  ];
  expect(describeOtherCards(looks).slice(2)).toEqual([
    "  210.0 in steps of 256 tokens: 8 dgx/tp1",
    "  100.0 (52.38 % less) in steps of 2048 tokens: 4 dgx/tp2",
  ]);
});
