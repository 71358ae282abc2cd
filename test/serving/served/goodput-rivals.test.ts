import { expect, test } from "vitest";
import type { Placement } from "../../../src/core/placement.js";
import { withinReach } from "../../../src/serving/served/goodput-rivals.js";
import type { ServiceLimits } from "../../../src/serving/served/limits.js";
import type { JudgedPlacement } from "../../../src/serving/served/goodput-trials.js";

const at = (layer: number): Placement => [[0, layer]];
function judge(placement: Placement, decode: number, latency: number): JudgedPlacement {
  const seconds = { mean: latency, p95: 2 * latency };
  const result = {
    decodeTokensPerSecond: decode,
    timeToFirstToken: seconds,
    timePerOutputToken: seconds,
  };
  return { placement, report: { result } } as unknown as JudgedPlacement;
}

test("a start gets a last run unless its trial is far behind", () => {
  const [far, near, late, untried] = [at(1), at(2), at(3), at(4)];
  const judged = [judge(at(5), 100, 1), judge(far, 50, 1), judge(near, 90, 1), judge(late, 95, 2)];
  const starts = [far, near, late, untried].map((placement) => ({ placement }));
  const kept = (limits: ServiceLimits): readonly Placement[] =>
    withinReach(starts, judged, limits).map(({ placement }) => placement);
  expect(kept({ statistic: "mean" })).toEqual([near, late, untried]);
  expect(kept({ statistic: "mean", maxTimePerOutputToken: 1 })).toEqual([near, untried]);
});
