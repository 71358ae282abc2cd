import { expect, test } from "vitest";
import { confirmCheapest } from "../../src/market/confirm-cheapest.js";
import type { Purchase } from "../../src/market/purchase.js";

const goal = {
  kind: "target",
  tokensPerSecond: 100,
  limits: { maxTimePerOutputToken: 0.1 },
} as const;

/** A purchase at a price, whose plan carries so much. */
const bought = (pricePerHour: number, throughput: number): Purchase =>
  ({
    goal,
    pricePerHour,
    mix: [{ machine: "box", count: pricePerHour, pricePerHour: 1 }],
    result: { throughput },
  }) as unknown as Purchase;

/** Long runs keep the limits from a price on. */
function confirming(from: number) {
  const asked: number[] = [];
  const confirm = async (purchase: Purchase): Promise<Purchase> => {
    asked.push(purchase.pricePerHour);
    const missedBy = purchase.pricePerHour >= from ? 0 : 0.2;
    return { ...purchase, service: { missedBy } } as unknown as Purchase;
  };
  return { asked, confirm };
}

test("where long runs do not confirm the cheapest, the next dearer that serves the target is bought", async () => {
  const best = bought(3, 120);
  const found = [bought(6, 200), bought(2, 90), best, bought(4, 130), bought(5, 80)];
  const buy = async (from: number) => {
    const { asked, confirm } = confirming(from);
    const { pricePerHour } = await confirmCheapest(best, found, goal, confirm);
    return [pricePerHour, asked];
  };
  expect(await buy(1)).toEqual([3, [3]]);
  expect(await buy(4)).toEqual([4, [3, 4]]);
  expect(await buy(6)).toEqual([6, [3, 4, 6]]);
  expect(await buy(9)).toEqual([3, [3, 4, 6]]);
});

test("where no plan serves the target, the best alone is looked at", async () => {
  const { asked, confirm } = confirming(9);
  const best = bought(3, 90);
  await confirmCheapest(best, [best, bought(5, 120)], goal, confirm);
  expect(asked).toEqual([3]);
});
