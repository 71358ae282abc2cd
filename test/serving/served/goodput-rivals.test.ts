import { expect, test } from "vitest";
import type { Placement } from "../../../src/core/placement.js";
import { withinReach } from "../../../src/serving/served/goodput-rivals.js";
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

test("a start gets a last run unless its trial is far behind in throughput and in what keeps latencies", () => {
  const [far, near, fast, untried] = [at(1), at(2), at(3), at(4)];
  const judged = [
    judge(at(5), 100, 2),
    judge(at(6), 60, 1),
    judge(far, 50, 2),
    judge(near, 90, 2),
    judge(fast, 58, 1),
  ];
  const starts = [far, near, fast, untried].map((placement) => ({ placement }));
  const aim = {
    statistic: "mean",
    preferred: { timeToFirstToken: 1, timePerOutputToken: 1, decodeTokensPerSecond: 0 },
  } as const;
  const kept = withinReach(starts, judged, aim).map(({ placement }) => placement);
  expect(kept).toEqual([near, fast, untried]);
});
