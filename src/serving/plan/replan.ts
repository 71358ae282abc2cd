import { requirePlacement } from "../../check/require-placement.js";
import type { Cluster } from "../../core/cluster.js";
import { BugError } from "../../core/errors.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { describeEngine } from "../../formats/read-engine.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { createRandom } from "../../core/random.js";
import type { SolverName } from "../../math/lp/solver.js";
import { annealBytes } from "../../planner/change/anneal-bytes.js";
import { coverChange, type CoverOutcome } from "../../planner/change/cover-change.js";
import { keepClose } from "../../planner/change/keep-close.js";
import { countLoadBytes, type LoadBytes } from "../../planner/change/load-bytes.js";
import { keepRunning, repairByHand } from "../../planner/change/repair-by-hand.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../planner/problem/problem.js";
import type { SearchPorts } from "../../planner/portfolio/search.js";
import { describePlacement } from "../../planner/result/placement-file.js";
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
  /** Bytes per second at which each node loads weights, all at once. Default 1 GB/s. */
  readonly loadRate?: number;
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
  readonly bytes: number;
  /** No placement of this cluster with a throughput of at least `floor` loads fewer bytes. */
  readonly bytesBound: number;
  readonly bytesMethod: CoverOutcome["method"] | "nothing to load";
  /** (bytes − bytesBound) / bytes; 0 where nothing is to be loaded. */
  readonly bytesGap: number;
}

export type ReplanOutcome =
  | {
      readonly kind: "replanned";
      readonly placement: Placement;
      readonly file: PlacementFile;
      readonly report: ChangeReport;
    }
  | Exclude<PlanOutcome, { readonly kind: "planned" }>;

const DEFAULT_WITHIN = 0.02;
const DEFAULT_LOAD_RATE = 1e9;
const DEFAULT_TIME_LIMIT = 60;
/** Share of the time that goes to planning anew; of the rest, what the covering model gets. */
const ANEW_SHARE = 0.6;
const COVER_SHARE = 0.3;
/** Limits of what follows the search, the same with and without a clock. */
const MOST_FLOWS = 20_000;
/** Larger clusters, whose flows take longer, get fewer: as many as this over their nodes. */
const MOST_NODE_FLOWS = 2e6;
const COVER_NODES = 2000;
const ANNEALINGS = 3;
const MOST_MOVES = 6000;

/** What the candidates are looked for with. */
interface Change {
  readonly problem: PlanningProblem;
  readonly load: LoadBytes;
  readonly floor: number;
  readonly shouldStop: () => boolean;
}

/**
 * The placement found that loads the fewest bytes, among those that carry (1 − within) of the best throughput found:
 * staying, the repair by hand, planning anew from what runs, and each of these and of the covering model's
 * placements drawn back towards what runs. It loads no more than any of the first three that keeps the floor.
 * Re-checked by `checkPlacement` like every plan.
 * @param held what the nodes hold now, in the cluster's order.
 * @throws SolverError when the solver cannot be loaded, BugError when the re-check fails.
 */
export async function replan(
  cluster: Cluster,
  held: Placement,
  options: ReplanOptions,
  ports: GoodputPorts,
): Promise<ReplanOutcome> {
  const started = ports.now();
  const { constraints = UNCONSTRAINED, partialInference = true } = options;
  const problem: PlanningProblem = { cluster, constraints, partialInference };
  const load = countLoadBytes(cluster.model, held);
  const stay = keepRunning(problem, held);
  const { within = DEFAULT_WITHIN, loadRate = DEFAULT_LOAD_RATE, ...planOptions } = options;
  const byClock = options.iterationLimit === undefined;
  const limit = options.timeLimitSeconds ?? (byClock ? DEFAULT_TIME_LIMIT : Infinity);
  const anew = await plan(
    cluster,
    {
      ...planOptions,
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
  const change = { problem, load, floor, shouldStop: stopped };
  const found = await findLeast(
    change,
    named.map(([, placement]) => placement),
    {
      ports,
      solver: options.solver ?? "highs",
      seconds: COVER_SHARE * limit,
      seed: options.seed ?? 1,
    },
  );
  const { placement } = found;
  const bytes = load.total(placement);
  const choose = (name: ChangeChoice["name"], chosen: Placement, throughput: number) => ({
    name,
    throughput,
    bytes: load.total(chosen),
    seconds: load.most(chosen) / loadRate,
    keepsFloor: throughput >= floor,
  });
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
    bytes,
    bytesBound: found.bound,
    bytesMethod: found.method,
    bytesGap: bytes === 0 ? 0 : (bytes - found.bound) / bytes,
  };
  return { kind: "replanned", placement, file, report };
}

interface Least {
  readonly placement: Placement;
  readonly bound: number;
  readonly method: ChangeReport["bytesMethod"];
}

interface LeastOptions {
  readonly ports: SearchPorts;
  readonly solver: SolverName;
  /** What the covering model gets. */
  readonly seconds: number;
  readonly seed: number;
}

/** The fewest bytes among the starts that keep the floor, these drawn close, the covering model's placements, and annealing where that leaves a gap. */
async function findLeast(
  { problem, load, floor, shouldStop }: Change,
  starts: readonly Placement[],
  { ports, solver, seconds, seed }: LeastOptions,
): Promise<Least> {
  const mostFlows = Math.min(MOST_FLOWS, Math.ceil(MOST_NODE_FLOWS / load.held.length));
  let least: Placement | undefined;
  const offer = (placement: Placement): void => {
    if (least !== undefined && load.total(placement) >= load.total(least)) return;
    if (measureThroughput(problem, placement) >= floor) least = placement;
  };
  const offerClose = (placement: Placement): void => {
    if (measureThroughput(problem, placement) < floor) return;
    offer(placement);
    offer(keepClose(problem, load, placement, { floor, shouldStop, mostFlows }));
  };
  for (const start of starts) offerClose(start);
  if (least === undefined) throw new BugError("no start carries the floor taken from them");
  if (load.total(least) === 0) return { placement: least, bound: 0, method: "nothing to load" };
  const cover = coverChange(problem, load, await ports.loadSolver(solver), {
    floor,
    known: load.total(least),
    timeLimitSeconds: seconds,
    nodeLimit: COVER_NODES,
    shouldStop,
  });
  for (const placement of cover.placements) offerClose(placement);
  const random = createRandom(seed);
  const limits = { floor, shouldStop, random, mostFlows: Math.min(MOST_MOVES, mostFlows) };
  for (let run = 0; run < ANNEALINGS && load.total(least) > cover.bound; run++)
    offerClose(
      annealBytes(problem, load, least, { ...limits, from: run % 2 === 0 ? starts[0]! : least }),
    );
  return { placement: least, bound: cover.bound, method: cover.method };
}
