import { requirePlacement } from "../../check/require-placement.js";
import { machineOf, type Cluster } from "../../core/cluster.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { describeEngine } from "../../formats/read-engine.js";
import type { Placement } from "../../core/placement.js";
import type { ChangeFile } from "../../formats/change-schema.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { findLeast, type LeastBytes } from "../../planner/change/find-least.js";
import { countLoadBytes, type LoadBytes } from "../../planner/change/load-bytes.js";
import { keepRunning, repairByHand } from "../../planner/change/repair-by-hand.js";
import { settleRoom } from "../../planner/problem/exact-ends.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import { problemFor } from "../served/problem-for.js";
import { describePlacement } from "../../planner/result/placement-file.js";
import { describeChange } from "./describe-change.js";
import { plan, type PlanOptions, type PlanOutcome } from "./plan.js";
import type { GoodputPorts } from "../served/plan-goodput.js";

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
}

/** A placement that could follow the running one. Tokens/s, bytes, seconds. */
export interface ChangeChoice {
  readonly name: "stay" | "repair by hand" | "plan anew" | "replan";
  readonly throughput: number;
  /** What all nodes load together. */
  readonly bytes: number;
  /** Until the last node has loaded, all at once at the load rate. */
  readonly seconds: number;
  readonly keepsFloor: boolean;
}

/** What a change costs at least, and what it was found to cost. */
export interface ChangeReport {
  readonly choices: readonly ChangeChoice[];
  /** The best throughput found, and the least that is accepted. */
  readonly best: number;
  readonly floor: number;
  readonly within: number;
  readonly loadRate: number;
  /** Machines of the file load at rates of their own, which count there. */
  readonly ratesSaid?: boolean;
  readonly bytes: number;
  /** No placement of this cluster with a throughput of at least `floor` loads fewer bytes. */
  readonly bytesBound: number;
  readonly bytesMethod: LeastBytes["method"];
  /** (bytes − bytesBound) / bytes; 0 where nothing is to be loaded. */
  readonly bytesGap: number;
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

const DEFAULT_WITHIN = 0.02;
const DEFAULT_LOAD_RATE = 1e9;
const DEFAULT_STEP_FLOOR = 0.5;
const DEFAULT_TIME_LIMIT = 60;
/** Share of the time that goes to planning anew; the rest looks for the fewest bytes. */
const ANEW_SHARE = 0.4;

/**
 * The placement found that loads the fewest bytes, among those that carry (1 − within) of the best throughput found:
 * staying, the repair by hand, planning anew from what runs, and each of these and of the covering model's
 * placements drawn back towards what runs. It loads no more than any of the first three that keeps the floor.
 * Re-checked by `checkPlacement` like every plan.
 * @param held what the nodes hold now, in the cluster's order.
 * @throws SolverError when the solver cannot be loaded, BugError when the re-check fails.
 */
export async function replan(
  given: Cluster,
  held: Placement,
  options: ReplanOptions,
  ports: GoodputPorts,
): Promise<ReplanOutcome> {
  const started = ports.now();
  const { problem } = settleRoom(problemFor(given, options));
  const { cluster } = problem;
  const load = countLoadBytes(cluster.model, held);
  const stay = keepRunning(problem, held);
  const {
    within = DEFAULT_WITHIN,
    loadRate = DEFAULT_LOAD_RATE,
    floor: share = DEFAULT_STEP_FLOOR,
    ...planOptions
  } = options;
  const byClock = options.iterationLimit === undefined;
  const limit = options.timeLimitSeconds ?? (byClock ? DEFAULT_TIME_LIMIT : Infinity);
  const anew = await plan(
    cluster,
    {
      ...planOptions,
      objective: "flow",
      ...(limit === Infinity ? {} : { timeLimitSeconds: ANEW_SHARE * limit }),
      warmStart: stay,
    },
    ports,
  );
  if (anew.kind !== "planned") return anew;

  const hand = repairByHand(problem, stay);
  const named = [
    ["stay", stay],
    ...(hand === undefined ? [] : [["repair by hand", hand] as const]),
    ["plan anew", anew.placement],
  ] as const;
  const flows = named.map(([, placement]) => measureThroughput(problem, placement));
  const best = Math.max(...flows);
  const floor = (1 - within) * best;
  const stopped = (): boolean => options.signal?.aborted === true || ports.now() - started > limit;
  const found = findLeast(
    problem,
    load,
    named.map(([, placement]) => placement),
    {
      floor,
      solver: await ports.loadSolver(options.solver ?? "highs"),
      seed: options.seed ?? 1,
      seconds: limit - (ports.now() - started),
      now: ports.now,
      shouldStop: stopped,
    },
  );
  const { placement } = found;
  const rates = loadRates(cluster, loadRate);
  const bytes = load.total(placement);
  const choose = describeChoice(load, rates.of, floor);
  const file = describePlacement(cluster, placement, {
    clusterSha256: options.clusterSha256 ?? "",
    objective: "flow",
    ...describeEngine(chooseEngine(cluster, options).choice),
    problem,
    upperBound: anew.file.upperBound,
    boundName: anew.file.bound,
    gapAsked: within,
    termination: options.signal?.aborted === true ? "interrupted" : anew.file.termination,
    solve: { ...anew.file.solve, seconds: ports.now() - started },
  });
  requirePlacement(cluster, file);
  const report: ChangeReport = {
    choices: [
      ...named.map(([name, chosen], at) => choose(name, chosen, flows[at]!)),
      choose("replan", placement, measureThroughput(problem, placement)),
    ],
    best,
    floor,
    within,
    loadRate,
    ...(rates.said ? { ratesSaid: true } : {}),
    bytes,
    bytesBound: found.bound,
    bytesMethod: found.method,
    bytesGap: bytes === 0 ? 0 : (bytes - found.bound) / bytes,
  };
  const change = describeChange({
    problem,
    load,
    target: placement,
    file,
    floor: share,
    loadRate,
    shouldStop: () => options.signal?.aborted === true,
  });
  return { kind: "replanned", placement, file, report, change };
}

/** A choice as the report has it. */
function describeChoice(
  load: LoadBytes,
  rateOf: (node: number) => number,
  floor: number,
): (name: ChangeChoice["name"], chosen: Placement, throughput: number) => ChangeChoice {
  return (name, chosen, throughput) => ({
    name,
    throughput,
    bytes: load.total(chosen),
    seconds: load.most(chosen, rateOf),
    keepsFloor: throughput >= floor,
  });
}

/** At which rate each node loads, and whether any machine of the file says so. */
function loadRates(
  cluster: Cluster,
  otherwise: number,
): { readonly of: (node: number) => number; readonly said: boolean } {
  const own = cluster.nodes.map((_, node) => machineOf(cluster, node).loadBytesPerSecond);
  return {
    of: (node) => own[node] ?? otherwise,
    said: own.some((rate) => rate !== undefined),
  };
}
