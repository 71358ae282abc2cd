import { printable } from "../core/printable.js";
import type { TrainingJob } from "../training/training-job.js";
import type { TrainResult } from "../training/train-result.js";
import type { TrainingPlan } from "../training/training-plan.js";
import { GIGA } from "../core/units.js";
import { formatTable } from "./table.js";
import type { TextStyle } from "./text-style.js";

const HEADER = [
  "#",
  "s/iter",
  "m",
  "tp",
  "dp",
  "pp",
  "B",
  "straggler",
  "fill",
  "borders",
  "sync",
  "memory",
  "layers per stage",
] as const;

/** Parts of the seconds, the first to go where a line is short. */
const EXTRA: ReadonlySet<string> = new Set(["fill", "borders", "sync"]);

/**
 * The ranked strategies as a table for a terminal, then the node order of the first and the proof.
 * @param job says whose layer times are estimates.
 */
export function formatTrainingTable(
  result: TrainResult,
  style?: TextStyle,
  job?: TrainingJob,
): string {
  const rows = result.plans.map((plan, index) => formatRow(plan, index + 1));
  const columns = HEADER.map((title, index) => ({
    title,
    ...(index === HEADER.length - 1 ? {} : { align: "right" as const }),
    extra: EXTRA.has(title),
  }));
  const table = formatTable(columns, rows, style, [rows.length > 1 ? "best" : undefined]);
  return `${[table, "", ...formatNotes(result), ...describeEstimated(job)].join("\n")}\n`;
}

/** Machine types in use whose layer times nobody measured, by name. */
export function listEstimated({ cluster, times }: TrainingJob): readonly string[] {
  const used = new Set(cluster.nodes.map(({ machine }) => machine));
  return (times.estimated ?? [])
    .filter((machine) => used.has(machine))
    .map((at) => cluster.machines[at]!.name);
}

function describeEstimated(job: TrainingJob | undefined): readonly string[] {
  const names = job === undefined ? [] : listEstimated(job).map(printable);
  return names.length === 0
    ? []
    : [
        `estimated, not measured: layer times of ${names.join(", ")}, from the peaks of their cards, which know no launch overhead; "forwardSeconds" gives measured ones`,
      ];
}

function formatRow(plan: TrainingPlan, rank: number): readonly string[] {
  const { strategy, terms } = plan;
  const fullest = plan.stages.reduce((a, b) =>
    a.memoryBytesPerGpu / a.usableBytesPerGpu > b.memoryBytesPerGpu / b.usableBytesPerGpu ? a : b,
  );
  const gigabytes = (bytes: number): string => (bytes / GIGA).toFixed(1);
  const memory = `${gigabytes(fullest.memoryBytesPerGpu)}/${gigabytes(fullest.usableBytesPerGpu)} GB`;
  return [
    String(rank),
    plan.seconds.toFixed(4),
    String(strategy.microBatch),
    String(strategy.tensorParallel),
    String(strategy.dataParallel),
    String(strategy.stages),
    String(strategy.microBatches),
    terms.straggler.toFixed(4),
    terms.fill.toFixed(4),
    terms.borders.toFixed(4),
    terms.gradientSync.toFixed(4),
    plan.fitsMemory ? memory : `${memory} (too much)`,
    plan.stages.map(({ layers: [from, to] }) => to - from).join(","),
  ];
}

function formatNotes(result: TrainResult): readonly string[] {
  const { counts } = result;
  const [best] = result.plans;
  const notes: string[] = [];
  if (best !== undefined) notes.push(`node order of 1: ${printable(best.nodeOrder.join(" "))}`);
  if (result.mode === "amp") {
    notes.push(`amp mode, as published: ${counts.strategies} strategies, nothing proven`);
    return notes;
  }
  const searched = counts.strategies - counts.infeasible - counts.dominated - counts.unfinished;
  notes.push(
    `${counts.strategies} strategies: ${searched} searched to the optimum, ${counts.dominated} ruled out by a bound, ${counts.infeasible} infeasible, ${counts.unfinished} left with a bound`,
  );
  if (result.bound !== undefined) {
    const scope = result.allOrders ? "any cut or node order" : "any cut, node order as given";
    notes.push(`no strategy with ${scope} takes less than ${result.bound.toFixed(4)} s`);
  }
  return notes;
}
