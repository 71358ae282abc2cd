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
