import type { Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { chooseEngine, type ChosenEngine } from "../../engines/choose-engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { FlowBound } from "../../planner/parts/bound-parts.js";
import type { Obstacle } from "../../planner/problem/obstacle.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import type { JudgedPlacement } from "../served/goodput-trials.js";
import { searchFront, simulated, type Front, type FrontSearchOptions } from "../served/pareto.js";
import type { LoadedPlacement } from "../served/pareto-loads.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { unbeaten } from "../served/unbeaten.js";
import { defaultObjective } from "./default-objective.js";
import { plan, type PlanOptions, type PlanOutcome } from "./plan.js";

export interface ParetoOptions
  extends FrontSearchOptions, Pick<PlanOptions, "chooseBatchTokens" | "keepCards"> {}

/** What a placement of a front keeps to: whose nodes it is of, and the engine with the step it was simulated with. */
interface FrontSetting {
  readonly problem: PlanningProblem;
  readonly choice: ChosenEngine["choice"];
  /** Tokens of that step, the engine's own among them; undefined where nobody chose the engine, or it counts otherwise. */
  readonly batchTokens: number | undefined;
  /** On the flow with any cards shared out and any step, where these were chosen. */
  readonly bound: FlowBound | undefined;
}

export type ParetoOutcome =
  | {
      readonly kind: "front";
      /** Simulated, by falling throughput; none is beaten in throughput, TTFT and TPOT at once. */
      readonly points: readonly (LoadedPlacement & FrontSetting)[];
      /** Each placement of the points at full load, by falling throughput. */
      readonly placements: readonly (JudgedPlacement & FrontSetting)[];
      /** Placements simulated. */
      readonly judged: number;
      /** The plan that the front begins with had no time for all that it wanted to try. */
      readonly planCut?: true;
      /** Not all placements ran at all loads that were asked for. */
      readonly loadsCut?: true;
    }
  | { readonly kind: "infeasible"; readonly obstacle: Obstacle };

const DEFAULT_TIME_LIMIT = 120;
/** Share of the time for the plan of what is served. */
const PLAN_SHARE = 0.4;
/** And for the one of least latency, at most. */
const QUICKEST_SHARE = 0.1;

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/** A cluster to look for a front on, whose engine stays as it is. */
interface Ground {
  readonly cluster: Cluster;
  readonly starts: readonly Placement[];
  /** Told where it is not the first. */
  readonly cards?: string;
}

/**
 * Placements between most throughput and least latency. Where `plan` plans for what is served, the front begins with
 * what it chooses: its placement, how cards are shared out and the tokens of a step; and with the pipeline that is quickest for one
 * user alone, whose parts and few requests may not be those that serve most. Where these are not the
 * cluster's own, placements are looked for with its own, too, as latencies may be shorter there.
 * @throws InputError when a machine has no timing curves.
 */
export async function findFront(
  given: Cluster,
  options: ParetoOptions,
  ports: GoodputPorts,
): Promise<ParetoOutcome> {
  const started = ports.now();
  const { iterationLimit, onPhase, signal } = options;
  const limit = options.timeLimitSeconds ?? DEFAULT_TIME_LIMIT;
  const left = (): number => Math.max(0, limit - (ports.now() - started));
  const { cluster, chosen } = clusterUnder(given, options);
  const planned = async (): Promise<PlanOutcome | undefined> => {
    const wanted =
      options.chooseBatchTokens === true || defaultObjective(cluster, chosen, {}) === "served";
    if (!wanted) return undefined;
    onPhase?.("planning for what is served, as plan does");
    const clock = iterationLimit === undefined ? { timeLimitSeconds: PLAN_SHARE * limit } : {};
    return plan(given, { ...options, ...clock, objective: "served" }, ports);
  };
  const most = await planned();
  if (most?.kind === "infeasible") return most;
  if (most !== undefined && most.kind !== "planned") return join([], undefined);
  const grounds =
    most === undefined
      ? [{ cluster, starts: [] }]
      : withQuickest(groundsOf(cluster, most), await planQuickest(most));
  const { engine: _, batchTokens: __, maxSequences: ___, ...free } = options;
  // The engines of grounds have what was asked for, or chosen, already.
  const asked = cluster.engine === undefined ? options : free;
  const fronts: Front[] = [];
  for (const [at, ground] of grounds.entries()) {
    if (at > 0 && signal?.aborted === true) break;
    const share = { timeLimitSeconds: left() / (grounds.length - at) };
    const { cluster: on, starts } = ground;
    if (at > 0) onPhase?.(`the same with ${ground.cards ?? "other cards"}`);
    const own = await searchFront(on, { ...asked, ...share, starts }, ports);
    if (own.kind === "infeasible" && at > 0) break;
    if (own.kind === "infeasible") return own;
    fronts.push(own);
  }
  const bound = most && { value: most.file.upperBound, name: most.file.bound };
  const cut = most?.file.termination === "time-limit" ? ({ planCut: true } as const) : {};
  return { ...join(fronts, bound), ...cut };

  /** With the steps of the plan that serves most. */
  async function planQuickest({ file }: Planned): Promise<Planned | undefined> {
    if (signal?.aborted === true) return undefined;
    const batchTokens = options.batchTokens ?? file.engineSettings?.batchTokens;
    const outcome = await plan(
      given,
      {
        ...options,
        ...(batchTokens === undefined ? {} : { batchTokens }),
        ...(iterationLimit === undefined ? { timeLimitSeconds: QUICKEST_SHARE * limit } : {}),
        chooseBatchTokens: false,
        objective: "latency",
      },
      ports,
    );
    return outcome.kind === "planned" ? outcome : undefined;
  }
}

/** The one with what was chosen, and the cluster as it is where that is another. */
function groundsOf(own: Cluster, { cluster, placement }: Planned): readonly Ground[] {
  const chosen = { cluster, starts: [placement] };
  return isSame(own, cluster)
    ? [chosen]
    : [
        chosen,
        { cluster: own, starts: [], cards: "cards and steps as they are when nobody chooses" },
      ];
}

/** With the quickest pipeline where its nodes are, or beside the others. */
function withQuickest(
  grounds: readonly Ground[],
  quickest: Planned | undefined,
): readonly Ground[] {
  if (quickest === undefined) return grounds;
  const { cluster, placement } = quickest;
  const on = grounds.find((ground) => isSame(ground.cluster, cluster));
  if (on === undefined)
    return [
      ...grounds,
      { cluster, starts: [placement], cards: "the cards of the quickest pipeline" },
    ];
  return grounds.map((each) =>
    each === on ? { ...each, starts: [...each.starts, placement] } : each,
  );
}

/** Whether cards are shared out alike, and steps are of one size. */
function isSame(one: Cluster, other: Cluster): boolean {
  const idsOf = ({ nodes }: Cluster): string => nodes.map(({ id }) => id).join("\n");
  return one.engine?.batchTokens === other.engine?.batchTokens && idsOf(one) === idsOf(other);
}

/** What nothing of any of them beats. */
function join(
  fronts: readonly Front[],
  bound: FlowBound | undefined,
): Extract<ParetoOutcome, { readonly kind: "front" }> {
  const all = fronts.map((front) => {
    const { problem } = front;
    const { choice, asked } = chooseEngine(problem.cluster, {});
    const { batchTokens } = asked;
    return { ...front, setting: { problem, choice, batchTokens, bound } };
  });
  const points = unbeaten(
    all.flatMap((front) => front.points.map((point) => ({ ...point, ...front.setting }))),
    simulated,
  );
  const shown = new Set(points.map(({ placement }) => placement));
  const placements = all
    .flatMap((front) => front.placements.map((judged) => ({ ...judged, ...front.setting })))
    .filter(({ placement }) => shown.has(placement))
    .toSorted((a, b) => simulated(a)[0] - simulated(b)[0]);
  const judged = fronts.reduce((sum, front) => sum + front.judged, 0);
  const cut = fronts.some(({ loadsCut }) => loadsCut) ? ({ loadsCut: true } as const) : {};
  return { kind: "front", points, placements, judged, ...cut };
}
