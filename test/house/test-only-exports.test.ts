import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/**
 * What is exported although nothing in src imports it, and why: tests or benches look at a part where
 * the whole would hide its fault. Checkers and fixtures have no place here, they live under test.
 */
const REASONS: Readonly<Record<string, string>> = {
  "src/core/nearest.ts editDistance": "a metric: symmetry and the triangle are tested on itself",
  "src/exchange/export/target-llama-cpp.ts splitShares":
    "shares are played back through llama.cpp's own rounding for thousands of splits",
  "src/formats/read-training-job.ts DEFAULT_MEMORY_RULES":
    "published jobs are given without a file, with the rules that a file without any gets",
  "src/hardware/card-efficiency.ts ASSUMED_FACTORS":
    "bench/roofline prints what is assumed beside what was measured",
  "src/hardware/card-efficiency.ts assumedEfficiency":
    "bench/roofline leaves each measured card out and compares with what would be assumed",
  "src/hardware/engine-overhead.ts overheadFrom":
    "bench/fit-engines fits overheads by trying figures that no engine has",
  "src/hardware/roofline.ts promptLayerSeconds":
    "bench/roofline compares single layers with measurements",
  "src/hardware/roofline.ts decodeLayerSeconds":
    "bench/roofline compares single layers with measurements",
  "src/hardware/serving-run.ts":
    "predicts a measured closed loop: how estimates are compared with what others measured",
  "src/math/flow/stepped-cost.ts buildSteps":
    "the linear problem of steps is compared with costs by brute force",
  "src/math/flow/stepped-cost.ts flowOnSteps":
    "the linear problem of steps is compared with costs by brute force",
  "src/math/flow/unbounded-path.ts findUnboundedPath":
    "random networks with endless flow are left out of properties, and the path it names is walked",
  "src/planner/coverings/cover-knapsack.ts roundedCoverBound":
    "the way out of long searches, which small cases never take by themselves",
  "src/planner/graph/evaluate-placement.ts evaluatePlacement":
    "a placement to its maximum flow in one step; src goes there through the network that it keeps",
  "src/planner/graph/region-detection.ts numberRegions":
    "the network bound must hold for any division into regions, also one that is never detected",
  "src/planner/problem/constraint-check.ts checkHeld":
    "moves of the local search are checked before there is a flow",
  "src/planner/problem/constraint-check.ts checkStageSizes":
    "moves of the local search are checked before there is a flow",
  "src/serving/served/candidates.ts sweep":
    "bench/goodput-pool takes sweeps apart from other candidates",
  "src/serving/served/refine.ts refine":
    "the steps of the search in one go: the same twice, never worse than its start",
  "src/training/stage-memory.ts bytesPerParameter":
    "the published figures of ZeRO's stages are per parameter",
};

interface Report {
  readonly issues: readonly {
    readonly file: string;
    readonly files: readonly unknown[];
    readonly exports: readonly { readonly name: string }[];
  }[];
}

test(
  "what tests alone use has a reason, and no reason outlives its use",
  { timeout: 120_000 },
  () => {
    const argv = [
      "node_modules/knip/bin/knip.js",
      "--production",
      "--reporter",
      "json",
      "--no-exit-code",
    ];
    const { issues } = JSON.parse(
      execFileSync(process.execPath, argv, { encoding: "utf8" }),
    ) as Report;
    const found = issues.flatMap(({ file, files, exports }) => [
      ...(files.length > 0 ? [file] : []),
      ...exports.map(({ name }) => `${file} ${name}`),
    ]);
    expect(found.toSorted()).toEqual(Object.keys(REASONS).toSorted());
  },
);
