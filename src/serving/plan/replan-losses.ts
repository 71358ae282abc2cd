import type { Cluster } from "../../core/cluster.js";
import type { EngineName } from "../../core/engine-choice.js";
import type { Placement } from "../../core/placement.js";
import { stepKept } from "./step-kept.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { listLosses, type Loss, type LossCase } from "../../planner/change/list-losses.js";
import { findIdenticalNodes } from "../../planner/problem/node-symmetry.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import type { ReplanPorts } from "./find-change.js";
import { replan, type ReplanOptions } from "./replan.js";
import { createChainRuns, sumKinds } from "./chain-runs.js";

/** Why a search ended before it was done: with more time more may be left, or less be loaded. */
interface Cut {
  readonly cutShort?: "time-limit" | "interrupted";
}

/** What replanning makes of a loss. Tokens/s, bytes, seconds. */
export type LossRepair =
  | ({
      readonly kind: "replanned";
      readonly throughput: number;
      /** Decode tokens/s by simulation, where nodes work in chains. */
      readonly served?: number;
      readonly bytes: number;
      /** No placement of so much flow (but for `within`) loads fewer. */
      readonly bytesBound: number;
      /** Until the last node has loaded, all at once. */
      readonly seconds: number;
    } & Cut)
  /** Proven. */
  | { readonly kind: "impossible"; readonly reason: string }
  | ({ readonly kind: "not found" } & Cut)
  /** Time was out, or somebody interrupted. */
  | { readonly kind: "not looked at" };

export interface RepairedLoss extends Loss {
  /** Decode tokens/s that what is left serves, by simulation, where nodes work in chains. */
  readonly served?: number;
  readonly after: LossRepair;
}

export interface RepairedLosses {
  /** What the losses are measured by. */
  readonly measure: "served" | "flow";
  /** The engine, where what is served was asked for and only the flow is known: it does not work in chains, or they share nodes. */
  readonly unsimulated?: EngineName;
  /** Machines' cards are shared out, and stay so in every replanning. */
  readonly partsStay?: true;
  /** Tokens of a step, which every replanning keeps. */
  readonly step?: number;
  /** Decode tokens/s of the placement as it is, by the same simulation. */
  readonly served?: number;
  readonly losses: readonly RepairedLoss[];
}

export interface LossOptions extends ReplanOptions {
  /** Told before each loss that is looked at. */
  readonly onLoss?: (at: {
    readonly done: number;
    readonly of: number;
    readonly loss: Loss;
  }) => void;
}

const DEFAULT_TIME_LIMIT = 60;
/** Seconds of a search that are worth its start. */
const LEAST_SECONDS = 1;
/** Share of its time after which a search that has not proven what it found was cut short. */
const USED_UP = 0.75;

/**
 * Every loss with what is left at once and after replanning, by flow. With the objective "served" and an engine of
 * chains also what the chains serve: the flow says little of that. The time limit is for all replanning together; losses of alike nodes that hold the same are looked
 * at once.
 */
export async function replanLosses(
  problem: PlanningProblem,
  placement: Placement,
  options: LossOptions,
  ports: ReplanPorts,
): Promise<RepairedLosses> {
  const losses = listLosses(problem, placement);
  const runs = options.objective === "served" ? createChainRuns(problem, options) : undefined;
  const serve = (cluster: Cluster, remaining: Placement): Pick<RepairedLoss, "served"> => {
    const kinds = runs?.(cluster, remaining);
    return kinds === undefined ? {} : { served: sumKinds(kinds) };
  };
  // Before any replanning: an interrupt of that must not take the figures of what runs.
  const today = serve(problem.cluster, placement);
  const remaining = losses.map(({ cluster, lost }) =>
    serve(cluster, withoutNodes(placement, lost)),
  );
  const keyOf = keyLosses(problem, placement);
  // What leaves least is asked about first: there may be no time for all.
  const left = (at: number): number => remaining[at]!.served ?? losses[at]!.throughput;
  const worst = [...losses.keys()].toSorted((a, b) => left(a) - left(b));
  const keys = [...new Set(worst.map((at) => keyOf(losses[at]!)))];
  const byClock = options.iterationLimit === undefined;
  const limit = options.timeLimitSeconds ?? (byClock ? DEFAULT_TIME_LIMIT : Infinity);
  const deadline = ports.now() + limit;
  const repairs = new Map<string, LossRepair>();
  for (const [at, key] of keys.entries()) {
    const secondsLeft = deadline - ports.now();
    const loss = losses.find((each) => keyOf(each) === key)!;
    options.onLoss?.({ done: at, of: keys.length, loss });
    const over = options.signal?.aborted === true || secondsLeft <= 0;
    const seconds = Math.max(LEAST_SECONDS, secondsLeft / (keys.length - at));
    const limited = limit === Infinity ? {} : { timeLimitSeconds: seconds };
    repairs.set(
      key,
      over
        ? { kind: "not looked at" }
        : await repair(problem, { placement, loss, serve }, { ...options, ...limited }, ports),
    );
  }
  const notLookedAt = {
    cutShort: options.signal?.aborted === true ? "interrupted" : "time-limit",
  } as const;
  const { name: engine } = chooseEngine(problem.cluster, options).engine;
  const step = today.served === undefined ? undefined : stepKept(problem.cluster, options);
  return {
    measure: today.served === undefined ? "flow" : "served",
    ...(options.objective === "served" && today.served === undefined
      ? { unsimulated: engine }
      : {}),
    ...today,
    ...(problem.cluster.nodes.some(({ part }) => part !== undefined)
      ? ({ partsStay: true } as const)
      : {}),
    ...(step === undefined ? {} : { step }),
    losses: losses.map((loss, at) => {
      const { kind, name, nodes, throughput, uncovered } = loss;
      const wider = losses.filter((each) => includesLoss(each, loss));
      const others = wider.map((each) => repairs.get(keyOf(each))!);
      const after = bestRepair(repairs.get(keyOf(loss))!, others, notLookedAt);
      return { kind, name, nodes, throughput, ...remaining[at], uncovered, after };
    }),
  };
}

/** Whether one takes all that the other does, and more. */
function includesLoss(one: LossCase, other: LossCase): boolean {
  const more = one.lost.length > other.lost.length && one.cluster === other.cluster;
  return more && other.lost.every((node) => one.lost.includes(node));
}

/**
 * What is left where more is lost can be had where less is: searches are cut by time, and the wider one may have found more. What so
 * much flow has to load at least stays what the own search has shown, and so does why that ended.
 */
function bestRepair(
  own: LossRepair,
  wider: readonly LossRepair[],
  notLookedAt: Required<Cut>,
): LossRepair {
  let best = own;
  const leaves = (repair: LossRepair): number =>
    repair.kind === "replanned" ? (repair.served ?? repair.throughput) : 0;
  for (const other of wider) {
    if (other.kind !== "replanned" || leaves(other) <= leaves(best)) continue;
    const { cutShort: _, ...found } = other;
    const bytesBound = own.kind === "replanned" ? Math.min(own.bytesBound, other.bytes) : 0;
    const cut = "cutShort" in own ? { cutShort: own.cutShort } : {};
    best = { ...found, bytesBound, ...(own.kind === "not looked at" ? notLookedAt : cut) };
  }
  return best;
}

function withoutNodes(placement: Placement, lost: readonly number[]): Placement {
  return placement.map((interval, node) => (lost.includes(node) ? null : interval));
}

interface Broken {
  readonly placement: Placement;
  readonly loss: LossCase;
  readonly serve: (cluster: Cluster, placement: Placement) => Pick<RepairedLoss, "served">;
}

async function repair(
  { constraints, partialInference }: PlanningProblem,
  { placement, loss: { lost, cluster }, serve }: Broken,
  options: ReplanOptions,
  ports: ReplanPorts,
): Promise<LossRepair> {
  // What is lost is as good as drained; and one loss more need not be survived then.
  const { survive: _, ...others } = constraints;
  const pins = new Map([...constraints.pins].filter(([node]) => !lost.includes(node)));
  const drained = new Set([...constraints.drained, ...lost]);
  const held = withoutNodes(placement, lost);
  const began = ports.now();
  const cutShort = (termination: PlacementFile["termination"], proven: boolean): Cut => {
    if (options.signal?.aborted === true) return { cutShort: "interrupted" };
    const used = (ports.now() - began) / (options.timeLimitSeconds ?? Infinity);
    const late = termination === "time-limit" || (!proven && used >= USED_UP);
    return late ? { cutShort: "time-limit" } : {};
  };
  const outcome = await replan(
    cluster,
    held,
    // A thread for each would take longer to start than it would run.
    { ...options, threads: 0, partialInference, constraints: { ...others, pins, drained } },
    ports,
  );
  if (outcome.kind === "infeasible") return { kind: "impossible", reason: outcome.obstacle.reason };
  if (outcome.kind === "not-found")
    return { kind: "not found", ...cutShort(outcome.termination, false) };
  if (outcome.kind !== "replanned") return { kind: "not found" };
  const { choices, bytes, bytesBound } = outcome.report;
  const { throughput, seconds } = choices.find(({ name }) => name === "replan")!;
  const served = serve(cluster, outcome.placement);
  const cut = cutShort(outcome.file.termination, bytes <= bytesBound);
  return { kind: "replanned", throughput, ...served, bytes, bytesBound, seconds, ...cut };
}

/** The same for losses that differ in which of several alike nodes is lost. */
function keyLosses(problem: PlanningProblem, placement: Placement): (loss: LossCase) => string {
  const groupOf = new Map<number, number>();
  for (const group of findIdenticalNodes(problem))
    for (const node of group) groupOf.set(node, group[0]!);
  return ({ kind, name, lost }) => {
    const [node] = lost;
    const group = node === undefined || kind !== "node" ? undefined : groupOf.get(node);
    return group === undefined ? `${kind} ${name}` : `alike ${group} ${String(placement[node!])}`;
  };
}
