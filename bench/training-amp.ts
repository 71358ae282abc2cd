import { givenOrder } from "../src/training/node-orders.js";
import { runSteps } from "../src/training/run-steps.js";
import { searchExactly, DEFAULT_EXACT_OPTIONS } from "../src/training/exact-search.js";
import { pipelineCost } from "../src/training/pipeline-cost.js";
import { describePlan } from "../src/training/training-plan.js";
import { enumerateStrategies } from "../src/training/strategies.js";
import { simulatePipeline } from "../src/training/simulate-pipeline.js";
import { timingOfPlan } from "../src/training/plan-timing.js";
import type { TrainingJob } from "../src/training/training-job.js";
import { train } from "../src/training/train.js";
import { jobOfSetting, readReference, type ReferenceStrategy } from "./amp-reference.js";
import { spearman } from "./spearman.js";

/*
 * Compares both modes with the published AMP figures: node build/bench/training-amp.js [file].
 * Without the reference file (no part of the project) it says so and ends.
 */
const path = process.argv[2] ?? "../shared/reference/amp-gpt2.json";
const file = readReference(path);
if (file === undefined) console.log(`no reference file at ${path}: nothing to compare`);
else for (const name of Object.keys(file.settings)) compare(name);

function compare(name: string): void {
  const job = jobOfSetting(file!, name);
  const reference = file!.settings[name]!.strategies_sorted;
  const strategies = enumerateStrategies(job);
  console.log(`\n${name}: ${strategies.length} strategies`);

  const started = performance.now();
  const amp = train(job, { mode: "amp", top: Infinity, exact: DEFAULT_EXACT_OPTIONS });
  const ampMs = performance.now() - started;
  let [cuts, order, worst] = [0, 0, 0];
  reference.forEach((expected, rank) => {
    const plan = amp.plans[rank]!;
    const counts = plan.stages.map(({ layers: [from, to] }) => to - from);
    const same =
      keyOf(expected) ===
      `${plan.strategy.microBatch} ${plan.strategy.tensorParallel} ${plan.strategy.dataParallel}`;
    if (same) order++;
    if (same && counts.join() === expected.partition_counts.join()) cuts++;
    worst = Math.max(worst, Math.abs(plan.seconds / expected.predicted_cost_s - 1));
  });
  console.log(
    `amp (${ampMs.toFixed(0)} ms): cuts ${cuts}/${reference.length}, order ${order}/${reference.length}, worst relative cost error ${worst.toExponential(1)}`,
  );

  const same = {
    ...DEFAULT_EXACT_OPTIONS,
    timing: "average",
    respectMemory: false,
    requireWork: false,
    nodeOrder: "given",
  } as const;
  let [below, equal, worstExact, proven, evaluations] = [0, 0, 0, 0, 0];
  const exactStarted = performance.now();
  for (const expected of reference) {
    const strategy = strategies[expected.enumeration_order]!;
    const { search } = runSteps(searchExactly(job, strategy, same));
    evaluations += search.evaluations;
    if (search.status !== "optimal") continue;
    proven++;
    if (search.seconds <= expected.predicted_cost_s * (1 + 1e-6)) below++;
    const total = expected.exact_optimum_same_cost_model.joint_with_dp_term.total_s;
    const error = Math.abs(search.seconds / total - 1);
    if (error < 1e-7) equal++;
    worstExact = Math.max(worstExact, error);
  }
  console.log(
    `exact, same restrictions (${(performance.now() - exactStarted).toFixed(0)} ms, ${evaluations} dynamic programs): proven ${proven}, never above amp ${below}, equal to the file (1e-7) ${equal}/${reference.length}, worst relative difference ${worstExact.toExponential(1)}`,
  );
  for (const [label, exact] of [
    ["average times, node order searched", { ...same, nodeOrder: "search" }],
    ["default rules", DEFAULT_EXACT_OPTIONS],
  ] as const) {
    const at = performance.now();
    const result = train(job, { mode: "exact", top: 5, exact });
    const best = result.plans[0]!;
    console.log(
      `${label} (${(performance.now() - at).toFixed(0)} ms): ${best.seconds.toFixed(4)} s, m ${best.strategy.microBatch} tp ${best.strategy.tensorParallel} dp ${best.strategy.dataParallel} pp ${best.strategy.stages}, cuts ${best.stages.map(({ layers: [a, b] }) => b - a).join(",")}, order ${best.nodeOrder.join(" ")}, bound ${result.bound?.toFixed(4)}`,
    );
  }
  const first = reference[0]!;
  const given = givenOrder(job.cluster);
  const strategy = strategies[first.enumeration_order]!;
  const again = pipelineCost(job, strategy, first.partition_counts, given, "slowest");
  console.log(`amp's best plan under the default rules: ${again.seconds.toFixed(4)} s`);
  correlate(name, reference);
}

function keyOf(expected: ReferenceStrategy): string {
  return `${expected.mbs} ${expected.tp} ${expected.dp}`;
}

/** Rank correlation with the measured seconds, and the failures that the memory model predicts. */
function correlate(name: string, reference: readonly ReferenceStrategy[]): void {
  const job = jobOfSetting(file!, name);
  const strategies = enumerateStrategies(job);
  const order = givenOrder(job.cluster);
  const finite = reference.filter((one) => one.real_time_s !== null);
  const measured = finite.map((one) => one.real_time_s!);
  const optimum = (one: ReferenceStrategy): number => {
    const { search } = runSteps(
      searchExactly(job, strategies[one.enumeration_order]!, {
        ...DEFAULT_EXACT_OPTIONS,
        respectMemory: false,
        nodeOrder: "given",
      }),
    );
    return search.status === "optimal" ? search.seconds : Infinity;
  };
  const predictions: Readonly<Record<string, readonly number[]>> = {
    "amp's cost": finite.map((one) => one.predicted_cost_s),
    "ours on the cuts that ran": finite.map(
      (one) =>
        pipelineCost(
          job,
          strategies[one.enumeration_order]!,
          one.partition_counts,
          order,
          "slowest",
        ).seconds,
    ),
    "ours, own optimum per strategy": finite.map(optimum),
  };
  for (const [label, predicted] of Object.entries({ ...predictions, ...variants(job, finite) })) {
    console.log(
      `Spearman, ${finite.length} finite trials, ${label}: ${spearman(predicted, measured).toFixed(3)}`,
    );
  }
  const running = finite.map((one) =>
    describePlan(job, strategies[one.enumeration_order]!, one.partition_counts, order, "slowest"),
  );
  const largest = Math.max(
    ...running.flatMap((plan) => plan.stages.map((stage) => stage.memoryBytesPerGpu)),
  );
  console.log(`largest stage of a trial that ran: ${(largest / 1e9).toFixed(1)} GB`);
  const firstBlock = job.layers.findIndex((layer) => layer.kind === "block");
  for (const one of reference) {
    const strategy = strategies[one.enumeration_order]!;
    const plan = describePlan(job, strategy, one.partition_counts, order, "slowest");
    const most = plan.stages.reduce((a, b) =>
      a.memoryBytesPerGpu / a.usableBytesPerGpu > b.memoryBytesPerGpu / b.usableBytesPerGpu ? a : b,
    );
    const embeddingOnly = one.partition_counts[0]! <= firstBlock;
    const refused = !plan.fitsMemory || embeddingOnly;
    if (one.real_status === "ok" && !refused) continue;
    console.log(
      `  ${one.real_status.padEnd(7)} m ${one.mbs} tp ${one.tp} dp ${one.dp} pp ${one.pp}: ${(most.memoryBytesPerGpu / 1e9).toFixed(1)} GB of ${(most.usableBytesPerGpu / 1e9).toFixed(1)}${plan.fitsMemory ? "" : " OVER"}${embeddingOnly ? " FIRST STAGE WITHOUT A BLOCK" : ""}`,
    );
  }
}

/**
 * Other readings of the same trials: the schedule simulated with transfers both ways, and the
 * micro-batch law t(m) = t(1)·(α + (1 − α)·m). No α is fitted by the program; these show how much
 * of the disagreement is the assumption that a micro-batch of m takes m times as long.
 */
function variants(
  job: TrainingJob,
  finite: readonly ReferenceStrategy[],
): Readonly<Record<string, readonly number[]>> {
  const strategies = enumerateStrategies(job);
  const order = givenOrder(job.cluster);
  const plans = (withLaw: TrainingJob) =>
    finite.map((one) =>
      describePlan(
        withLaw,
        strategies[one.enumeration_order]!,
        one.partition_counts,
        order,
        "slowest",
      ),
    );
  const simulated = plans(job).map(
    (plan) => simulatePipeline(timingOfPlan(job, plan)).makespan + plan.terms.gradientSync,
  );
  const laws = [0.25, 0.5, 0.75, 0.9].map((fixedShare) => {
    const times = {
      ...job.times,
      forwardSeconds: (machine: number, tensorParallel: number, microBatch: number) =>
        job.times
          .forwardSeconds(machine, tensorParallel, 1)
          .map((seconds) => seconds * (fixedShare + (1 - fixedShare) * microBatch)),
    };
    const seconds = plans({ ...job, times }).map((plan) => plan.seconds);
    return [`ours on the cuts that ran, m-law with fixed share ${fixedShare}`, seconds] as const;
  });
  return { "ours, 1F1B simulated": simulated, ...Object.fromEntries(laws) };
}
