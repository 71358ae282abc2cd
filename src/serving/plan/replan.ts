import { requirePlacement } from "../../check/require-placement.js";
import type { Cluster } from "../../core/cluster.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { describeEngine } from "../../formats/read-engine.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import type { ChangeFile } from "../../formats/change-schema.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { LeastBytes } from "../../planner/change/find-least.js";
import { countLoadBytes } from "../../planner/change/load-bytes.js";
import { keepRunning, repairByHand } from "../../planner/change/repair-by-hand.js";
import { settleRoom } from "../../planner/problem/exact-ends.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { problemFor } from "../served/problem-for.js";
import { describePlacement } from "../../planner/result/placement-file.js";
import { describeChange } from "./describe-change.js";
import { describeReport, loadRates, type NamedPlacement } from "./describe-replan.js";
import { plan, type PlanOptions, type PlanOutcome } from "./plan.js";
import {
  DEFAULT_STEP_FLOOR,
  DEFAULT_WITHIN,
  findChange,
  type FoundChange,
  type FrontPoint,
  type ReplanPorts,
} from "./find-change.js";

export interface ReplanOptions extends Pick<
  PlanOptions,
  | "timeLimitSeconds"
  | "iterationLimit"
  | "seed"
  | "solver"
  | "threads"
  | "constraints"
  | "partialInference"
  | "clusterSha256"
  | "engine"
  | "batchTokens"
  | "maxSequences"
  | "signal"
  | "onProgress"
> {
  /** Share of the best throughput found that may be given up for fewer bytes. Default 0.02. */
  readonly within?: number;
  /** Bytes per second at which nodes load weights, all at once, where their machines do not say. Default 1 GB/s. */
  readonly loadRate?: number;
  /** Share of the new placement's throughput that each step of the change should leave. Default 0.5. */
  readonly floor?: number;
  /** Whether the fewest bytes are looked for at several floors, not only the one asked for. By flow alone. */
  readonly front?: boolean;
  /** "served": what the running placement was planned for, and an engine of chains runs. Default "flow". */
  readonly objective?: "flow" | "served";
}

/** A placement that could follow the running one. Tokens/s, bytes, seconds. */
export interface ChangeChoice {
  readonly name: "stay" | "repair by hand" | "plan anew" | "replan";
  readonly throughput: number;
  /** Decode tokens/s by simulation, where that is the measure. */
  readonly served?: number;
  /** What all nodes load together. */
  readonly bytes: number;
  /** Until the last node has loaded, all at once at the load rate. */
  readonly seconds: number;
  readonly keepsFloor: boolean;
}

/** What a change costs at least, and what it was found to cost. */
export interface ChangeReport {
  readonly choices: readonly ChangeChoice[];
  /** What counts: tokens/s of the flow, or decode tokens/s served. */
  readonly measure: "flow" | "served";
  /** The best found by that measure, and the least that is accepted. */
  readonly best: number;
  readonly floor: number;
  readonly within: number;
  readonly loadRate: number;
  /** Machines of the file load at rates of their own, which count there. */
  readonly ratesSaid?: boolean;
  /** Tokens of a step, which it keeps, where what is served counts and nobody asked for a size. */
  readonly step?: number;
  readonly bytes: number;
  /** No placement of this cluster with a throughput of at least `floor` loads fewer bytes. */
  readonly bytesBound: number;
  readonly bytesMethod: LeastBytes["method"];
  /** (bytes − bytesBound) / bytes; 0 where nothing is to be loaded. */
  readonly bytesGap: number;
  /** Between bytes and throughput, where it was asked for; the tightest first. */
  readonly front?: readonly (Omit<FrontPoint, "placement"> & {
    readonly nodes: readonly { readonly id: string; readonly layers: LayerInterval | null }[];
  })[];
}

export type ReplanOutcome =
  | {
      readonly kind: "replanned";
      readonly placement: Placement;
      readonly file: PlacementFile;
      readonly report: ChangeReport;
      /** How to get there, step by step. */
      readonly change: ChangeFile;
    }
  | Exclude<PlanOutcome, { readonly kind: "planned" }>;

const DEFAULT_TIME_LIMIT = 60;
/** Share of the time that goes to planning anew; the rest looks for the fewest bytes. */
const ANEW_SHARE = 0.4;
/** Share of the time after which nothing is looked for any more: all is checked and written down. */
const SEARCH_SHARE = 0.96;
/** What that takes per node, and at most of the time. */
const SECONDS_PER_NODE = 0.006;
const MOST_RESERVE = 0.2;

/**
 * The placement found that loads the fewest bytes, among those that carry (1 − within) of the best throughput found:
 * staying, the repair by hand, planning anew from what runs, and each of these and of the covering model's
 * placements drawn back towards what runs. It loads no more than any of the first three that keeps the floor.
 * With the objective "served" and an engine of chains: among those that serve (1 − within) of the most that one of the first
 * three serves, by simulation. Re-checked by `checkPlacement` like every plan.
 * @param held what the nodes hold now, in the cluster's order.
 * @throws SolverError when the solver cannot be loaded, BugError when the re-check fails.
 */
export async function replan(
  given: Cluster,
  held: Placement,
  options: ReplanOptions,
  ports: ReplanPorts,
): Promise<ReplanOutcome> {
  const started = ports.now();
  const { problem } = settleRoom(problemFor(clusterUnder(given, options).cluster, options));
  const stay = keepRunning(problem, held);
  const byClock = options.iterationLimit === undefined;
  const limit = options.timeLimitSeconds ?? (byClock ? DEFAULT_TIME_LIMIT : Infinity);
  const hand = repairByHand(problem, stay);
  const flow = (placement: Placement): number => measureThroughput(problem, placement);
  // With a layer lost, staying is no start: a short search would end with nothing where a repair serves.
  const start = hand !== undefined && flow(hand) > flow(stay) ? hand : stay;
  const anew = await planAnew(problem.cluster, start, { options, limit }, ports);
  if (anew.kind !== "planned") return anew;

  const named: readonly NamedPlacement[] = [
    ["stay", stay],
    ...(hand === undefined ? [] : [["repair by hand", hand] as const]),
    ["plan anew", anew.placement],
  ];
  const rates = loadRates(problem.cluster, options.loadRate);
  const found = await findChange(
    {
      problem,
      held,
      rateOf: rates.of,
      known: named.map(([, placement]) => placement),
      anew: anew.file,
      chosen: chooseEngine(problem.cluster, options),
      deadline: started + searchSeconds(limit, held.length),
    },
    options,
    ports,
  );
  const file = describeFound(problem, found, { anew: anew.file, started, options }, ports);
  const { placement, order } = found;
  const report = describeReport(problem, { held, named, found, rates }, options);
  const { loadRate } = report;
  const change = describeChange({
    problem,
    load: countLoadBytes(problem.cluster.model, held),
    target: placement,
    file,
    floor: options.floor ?? DEFAULT_STEP_FLOOR,
    loadRate,
    order,
  });
  return { kind: "replanned", placement, file, report, change };
}

/** For all of the search: the rest is for checks, which take longer with more nodes. */
function searchSeconds(limit: number, nodes: number): number {
  const reserve = Math.min(MOST_RESERVE * limit, SECONDS_PER_NODE * nodes);
  return limit === Infinity ? limit : Math.min(SEARCH_SHARE * limit, limit - reserve);
}

/** The usual search, from what runs or a repair of it; where what is served is asked for, the one for that. */
function planAnew(
  cluster: Cluster,
  warmStart: Placement,
  { options, limit }: { readonly options: ReplanOptions; readonly limit: number },
  ports: ReplanPorts,
): Promise<PlanOutcome> {
  const { within: _, loadRate: __, floor: ___, front: ____, ...planOptions } = options;
  const objective = options.objective ?? "flow";
  const limited = limit === Infinity ? {} : { timeLimitSeconds: ANEW_SHARE * limit };
  return plan(
    cluster,
    // Engines run with the steps that they were started with.
    { ...planOptions, objective, ...limited, keepCards: true, chooseBatchTokens: false, warmStart },
    ports,
  );
}

/** The new placement's file, re-checked. */
function describeFound(
  problem: PlanningProblem,
  { placement, servedOf }: FoundChange,
  facts: {
    readonly anew: PlacementFile;
    readonly started: number;
    readonly options: ReplanOptions;
  },
  ports: ReplanPorts,
): PlacementFile {
  const { anew, started, options } = facts;
  const { cluster } = problem;
  const served = servedOf?.(placement);
  const file = describePlacement(cluster, placement, {
    clusterSha256: options.clusterSha256 ?? "",
    objective: served === undefined ? "flow" : "served",
    ...describeEngine(chooseEngine(cluster, options).choice),
    problem,
    upperBound: anew.upperBound,
    boundName: anew.bound,
    gapAsked: options.within ?? DEFAULT_WITHIN,
    termination: options.signal?.aborted === true ? "interrupted" : anew.termination,
    solve: { ...anew.solve, seconds: ports.now() - started },
    ...(served === undefined ? {} : { served }),
  });
  return requirePlacement(cluster, file);
}
