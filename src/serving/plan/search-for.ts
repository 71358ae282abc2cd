import type { ChosenEngine } from "../../engines/choose-engine.js";
import { InputError } from "../../core/errors.js";
import { sourceOf } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { Schedule } from "../../planner/portfolio/schedule.js";
import { search, type SearchOptions, type SearchResult } from "../../planner/portfolio/search.js";
import { chooseSchedule } from "../../planner/portfolio/choose-schedule.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { findLeastLatency } from "../served/least-latency.js";
import type { TrialMemory } from "../served/chains/chain-rates.js";
import { limitsLatency } from "../served/limits.js";
import type { GoodputPorts, GoodputResult } from "../served/goodput-options.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";
import { planAtRate } from "./plan-at-rate.js";
import { planOnTrial } from "./plan-on-trial.js";
import { planServed, type KnownBefore, type Tried } from "./plan-served.js";

/** How far a given placement is from the best, by the bounds that take no time. */
const BOUNDS_ALONE: Schedule = {
  starts: [],
  models: ["compute-bounds"],
  firstModels: 1,
  improvements: [],
  alone: true,
};

/** What the search for an objective came to. */
export interface Aimed {
  readonly kind: "aimed";
  readonly found: SearchResult | GoodputResult;
  readonly placement: Placement | undefined;
  readonly estimate?: PlacementFile["estimate"];
  readonly served?: PlacementFile["served"];
  readonly latency?: PlacementFile["latency"];
  readonly processorShare?: number | undefined;
  /** Placements of chains that stood on trial. */
  readonly onTrial?: readonly Tried[];
}

/** What a search is given beside its problem. */
export interface Aim {
  readonly shared: Omit<SearchOptions, "schedule">;
  readonly options: PlanOptions;
  readonly chosen: ChosenEngine;
  /** What trials of chains have shown before. */
  readonly memory?: TrialMemory | undefined;
  /** What is known of larger steps of the same engine. */
  readonly before?: KnownBefore | undefined;
  /** A baseline stands; only bounds are wanted. */
  readonly known: boolean;
}

/** Runs the search that the objective asks for. */
export async function searchFor(
  objective: PlacementFile["objective"],
  problem: PlanningProblem,
  { shared, options, chosen, memory, before, known }: Aim,
  ports: GoodputPorts,
): Promise<Aimed | Extract<PlanOutcome, { kind: "limits-missed" }>> {
  const { engine } = chosen;
  if (objective === "served" && engine.batching.kind === "chain") {
    const found = await planServed(problem, chosen, { ...shared, memory, known: before }, ports);
    const { placement, served, onTrial } = found;
    return { kind: "aimed", found, placement, served, onTrial };
  }
  const { limits } = options;
  if (objective === "goodput" && limits !== undefined && limitsLatency(limits))
    return planAtRate(problem, limits, { shared, options, chosen, memory }, ports);
  if (objective === "goodput" || objective === "served")
    return planOnTrial(objective, problem, { shared, options, chosen, memory }, ports);
  if (objective === "latency") {
    requireFree(problem);
    const { cluster, constraints } = problem;
    const least = findLeastLatency(cluster, engine.overhead, constraints);
    const found = await search(problem, { ...shared, schedule: BOUNDS_ALONE }, ports);
    const latency = least && { secondsPerToken: least.secondsPerToken, bound: least.bound };
    return { kind: "aimed", found, placement: least?.placement, latency };
  }
  const schedule = known ? BOUNDS_ALONE : chooseSchedule(problem, options.strategy ?? "portfolio");
  const found = await search(problem, { ...shared, schedule }, ports);
  const { incumbent, processorShare } = found;
  return { kind: "aimed", found, placement: incumbent?.placement, processorShare };
}

/** @throws InputError for constraints that the search for the quickest pipeline does not keep. */
function requireFree({ constraints, cluster }: PlanningProblem): void {
  const timed = cluster.nodes.some(
    ({ machine }) => cluster.machines[machine]!.capacity.curves !== undefined,
  );
  const problems = [
    ...(timed
      ? []
      : [
          {
            path: "machines",
            found: "no timing curves",
            expected: "a machine with curves, or described by its card",
            remedy: "Name the gpu, or give promptSeconds and decodeSeconds.",
          },
        ]),
    ...(constraints.pins.size === 0
      ? []
      : [
          {
            path: "--pin",
            found: "layers that a node must hold",
            expected: "no pins with --objective latency",
            remedy: "Leave the pins out, or plan for another objective.",
          },
        ]),
  ];
  if (problems.length > 0) throw new InputError(sourceOf(cluster), problems);
}
