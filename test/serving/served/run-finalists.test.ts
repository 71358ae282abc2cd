import { expect, test } from "vitest";
import type { Placement } from "../../../src/core/placement.js";
import type { JudgedPlacement } from "../../../src/serving/served/goodput-trials.js";
import { runFinalists } from "../../../src/serving/served/run-finalists.js";

const placements = Array.from({ length: 9 }, (_, at): Placement => [[0, at + 1]]);
const judge = (placement: Placement): JudgedPlacement =>
  ({ placement }) as unknown as JudgedPlacement;

/** Runs of three seconds each, two at once, of which only so many end. */
async function run(seconds: number, ended = Infinity) {
  let clock = 0;
  const time = { now: () => clock, left: () => seconds - clock };
  const trial = (batch: readonly Placement[]) => {
    clock += 3 * Math.ceil(batch.length / 2);
    return Promise.resolve(batch.slice(0, ended).map(judge));
  };
  const [first, second, third, ...others] = placements;
  const finalists = [first!, third!, second!];
  const judged = await runFinalists(finalists, [first!, second!, ...others], trial, 2, time);
  return { took: clock, judged: judged?.map(({ placement }) => placements.indexOf(placement)) };
}

test("the next best get last runs as long as there is time for them", async () => {
  expect(await run(0)).toEqual({ took: 6, judged: [0, 2, 1] });
  expect(await run(9)).toEqual({ took: 6, judged: [0, 2, 1] });
  expect(await run(12.5)).toEqual({ took: 12, judged: [0, 2, 1, 3, 4, 5, 6] });
  expect(await run(100)).toEqual({ took: 15, judged: [0, 2, 1, 3, 4, 5, 6, 7, 8] });
});

test("where a finalist was not run, trials decide", async () => {
  expect((await run(100, 1)).judged).toBeUndefined();
});
