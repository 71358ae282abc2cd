import { resolvePins } from "../../src/formats/constraints-schema.js";
import { loadCluster } from "../../src/formats/load-cluster.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { loadSolver } from "../../src/math/solver/load-solver.js";
import type { StrategyChoice } from "../../src/planner/portfolio/strategies.js";
import { plan } from "../../src/serving/plan/plan.js";
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
  const { cluster: raw, constraints } = instance;
  const optimum = bestOfAll(raw, constraints).throughput;
  const { cluster } = loadCluster("fuzz", JSON.stringify(raw));
  const { pin, drain, maxDepth, maxNodesPerStage, chainsOnly, partialInference } = constraints;
  const { pins, drained } = resolvePins("fuzz", cluster, {
    pin: Object.fromEntries(Object.entries(pin).map(([id, [a, b]]) => [id, [a, b]])),
    drain: [...drain],
  });
  const outcome = await plan(
    cluster,
    {
      iterationLimit: instance.iterationLimit,
      seed: instance.seed,
      gap: 0,
      threads: 0,
      partialInference,
      strategy: instance.strategy as StrategyChoice,
      constraints: {
        pins,
        drained,
        ...(maxDepth === undefined ? {} : { maxDepth }),
        ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
        ...(chainsOnly === undefined ? {} : { chainsOnly }),
      },
    },
    {
      now: () => performance.now() / 1000,
      loadSolver,
      breathe: () => Promise.resolve(),
      schedule: () => () => undefined,
    },
  ).catch((error: unknown) => `throws ${String(error)}`);
  // A strategy asked for by name may refuse a problem that it is not made for.
  if (typeof outcome === "string" && outcome.includes("--strategy"))
    return { faults: [], optimum, missed: false };
  if (typeof outcome === "string") return { faults: [outcome], optimum, missed: false };
  if (outcome.kind === "planned") {
    const faults = [...judgeFile(instance, outcome.file, optimum)];
    return { faults, optimum, missed: false };
  }
  const faults =
    outcome.kind === "infeasible"
      ? optimum > 0
        ? [`says that nothing exists (${outcome.obstacle.reason}), but ${optimum} does`]
        : []
      : outcome.kind === "not-found"
        ? failuresOf(outcome.strategies)
        : [`ends as ${outcome.kind}`];
  return {
    faults,
    optimum,
    missed: outcome.kind === "not-found" && instance.strategy === "portfolio" && optimum > 0,
  };
}

function failuresOf(entries: PlacementFile["solve"]["strategies"]): string[] {
  return entries.flatMap(({ strategy, failed }) =>
    failed === undefined ? [] : [`"${strategy}" failed: ${failed}`],
  );
}

function* judgeFile(
  { cluster, constraints }: Instance,
  file: PlacementFile,
  optimum: number,
): Iterable<string> {
  yield* failuresOf(file.solve.strategies);
  const { throughput, upperBound } = file;
  if (throughput > optimum * (1 + TOLERANCE)) yield `carries ${throughput}, the best is ${optimum}`;
  if (upperBound < optimum * (1 - TOLERANCE))
    yield `bound ${upperBound} (${file.bound}) below ${optimum}`;
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
