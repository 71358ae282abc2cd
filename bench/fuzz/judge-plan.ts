import { resolvePins } from "../../src/formats/constraints-schema.js";
import { loadCluster } from "../../src/formats/load-cluster.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { loadSolver } from "../../src/math/solver/load-solver.js";
import type { StrategyChoice } from "../../src/planner/portfolio/strategies.js";
import type { EngineName } from "../../src/core/engine-choice.js";
import type { BaselineName } from "../../src/planner/starts/baselines.js";
import { plan, type PlanOutcome } from "../../src/serving/plan/plan.js";
import type { GoodputPorts } from "../../src/serving/served/goodput-options.js";
import type { Instance } from "./draw-instance.js";
import { bestOfAll, flowOf } from "./oracle.js";
import type { RawInterval } from "./raw-cluster.js";

const TOLERANCE = 1e-6;

/** What is wrong with the planner's answer; empty = nothing. `missed` = none found though there is one. */
export interface Verdict {
  readonly faults: readonly string[];
  readonly optimum: number;
  readonly missed: boolean;
}

/** Plans an instance and holds the answer against the best of all placements. */
export async function judgePlan(instance: Instance): Promise<Verdict> {
  const optimum = bestOfAll(instance.cluster, instance.constraints).throughput;
  const outcome = await planInstance(instance).catch((error: unknown) => `throws ${String(error)}`);
  // A strategy asked for by name may refuse a problem that it is not made for.
  if (typeof outcome === "string" && outcome.includes("--strategy"))
    return { faults: [], optimum, missed: false };
  if (typeof outcome === "string") return { faults: [outcome], optimum, missed: false };
  const faults = [...faultsOf(instance, outcome, optimum)];
  const missed = outcome.kind === "not-found" && instance.strategy === "portfolio" && optimum > 0;
  return { faults, optimum, missed };
}

async function planInstance(instance: Instance): Promise<PlanOutcome> {
  const { constraints, warmStart } = instance;
  const { cluster } = loadCluster("fuzz", JSON.stringify(instance.cluster));
  const { pin, drain, maxDepth, maxNodesPerStage, chainsOnly, partialInference } = constraints;
  const { pins, drained } = resolvePins("fuzz", cluster, {
    pin: Object.fromEntries(Object.entries(pin).map(([id, [a, b]]) => [id, [a, b]])),
    drain: [...drain],
  });
  const byEngine = instance.engine !== undefined;
  return plan(
    cluster,
    {
      iterationLimit: instance.iterationLimit,
      seed: instance.seed,
      gap: instance.gap,
      threads: 0,
      // The engine says it too.
      partialInference: partialInference || byEngine,
      constraints: {
        pins,
        drained,
        ...(maxDepth === undefined ? {} : { maxDepth }),
        ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
        ...(chainsOnly === undefined || byEngine ? {} : { chainsOnly }),
      },
      ...(byEngine ? { engine: instance.engine as EngineName } : {}),
      ...(warmStart === undefined ? {} : { warmStart }),
      ...(instance.baseline === undefined
        ? { strategy: instance.strategy as StrategyChoice }
        : { baseline: instance.baseline as BaselineName }),
    },
    INLINE_PORTS,
  );
}

/** No threads: an answer is a function of its question. */
export const INLINE_PORTS: GoodputPorts = {
  now: () => performance.now() / 1000,
  loadSolver,
  breathe: () => Promise.resolve(),
  schedule: () => () => undefined,
};

function* faultsOf(instance: Instance, outcome: PlanOutcome, optimum: number): Iterable<string> {
  const { kind } = outcome;
  if (kind === "planned") {
    yield* judgeFile(instance, outcome.file, optimum);
    yield* judgeWarmStart(instance, outcome.file);
  } else if (kind === "infeasible") {
    if (optimum > 0)
      yield `says that nothing exists (${outcome.obstacle.reason}), but ${optimum} does`;
  } else if (kind === "not-found") {
    yield* failuresOf(outcome.strategies);
    const start = carriedByStart(instance);
    if (start > 0) yield `loses a warm start that carries ${start}`;
  } else if (kind !== "baseline-impossible" || instance.baseline === undefined) {
    yield `ends as ${kind}`;
  }
}

/** What the warm start carries, where that is not a matter of how paths are chosen. */
function carriedByStart({ cluster, constraints, warmStart, baseline }: Instance): number {
  const { chainsOnly, maxDepth, maxNodesPerStage } = constraints;
  const limited = chainsOnly === true || maxDepth !== undefined || maxNodesPerStage !== undefined;
  if (warmStart === undefined || baseline !== undefined || limited) return 0;
  return flowOf(cluster, constraints, warmStart);
}

function* judgeWarmStart(instance: Instance, { throughput }: PlacementFile): Iterable<string> {
  const start = carriedByStart(instance);
  if (throughput < start * (1 - TOLERANCE)) yield `carries ${throughput}, its warm start ${start}`;
}

function failuresOf(entries: PlacementFile["solve"]["strategies"]): string[] {
  return entries.flatMap(({ strategy, failed }) =>
    failed === undefined ? [] : [`"${strategy}" failed: ${failed}`],
  );
}

function* judgeFile(
  { cluster, constraints, gap }: Instance,
  file: PlacementFile,
  optimum: number,
): Iterable<string> {
  yield* failuresOf(file.solve.strategies);
  const { throughput, upperBound } = file;
  if (throughput > optimum * (1 + TOLERANCE)) yield `carries ${throughput}, the best is ${optimum}`;
  if (upperBound < optimum * (1 - TOLERANCE))
    yield `bound ${upperBound} (${file.bound}) below ${optimum}`;
  if (file.termination === "gap" && throughput < optimum * (1 - gap - TOLERANCE))
    yield `says that ${throughput} is within ${gap} of the best, which is ${optimum}`;
  const placement = cluster.nodes.map(({ id }): RawInterval => {
    const held = file.nodes.find((node) => node.id === id)?.layers ?? null;
    return held === null ? null : [held[0], held[1]];
  });
  const flow = flowOf(cluster, constraints, placement);
  if (throughput > flow * (1 + TOLERANCE)) yield `says ${throughput}, its layers carry ${flow}`;
  const limited = constraints.chainsOnly === true || constraints.maxDepth !== undefined;
  if (!limited && throughput < flow * (1 - TOLERANCE))
    yield `says ${throughput}, its layers carry ${flow}`;
  for (const [at, { id }] of cluster.nodes.entries()) {
    const pin = constraints.pin[id];
    if (pin !== undefined && String(placement[at]) !== String(pin)) yield `${id} is not at its pin`;
    if (constraints.drain.includes(id) && placement[at] !== null) yield `${id} is not drained`;
  }
}
