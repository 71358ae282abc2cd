import type { ChosenEngine } from "../../engines/choose-engine.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import {
  orderJob,
  runChangeJob,
  type ChangeFound,
  type ChangeJob,
  type ChangeRunner,
} from "../../planner/change/change-job.js";
import type { LeastBytes } from "../../planner/change/find-least.js";
import { countLoadBytes } from "../../planner/change/load-bytes.js";
import type { StepOrder } from "../../planner/change/order-steps.js";
import { relayChains } from "../../planner/change/relay-chains.js";
import { swapAlike } from "../../planner/change/swap-alike.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { boundByFlow } from "../served/bound-served.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { judgeServed } from "./judge-served.js";
import type { ReplanOptions } from "./replan.js";

export interface ReplanPorts extends GoodputPorts {
  /** Absent = the search runs in the calling thread, where an interrupt is heard when it is over. */
  readonly runChange?: ChangeRunner;
}

/** What a change is looked for in. */
export interface ChangeQuestion {
  readonly problem: PlanningProblem;
  readonly held: Placement;
  readonly rateOf: (node: number) => number;
  /** Staying, by hand, anew: the best of them is the measure. */
  readonly known: readonly Placement[];
  readonly anew: PlacementFile;
  readonly chosen: ChosenEngine;
  /** When time is out, on the clock of the ports. */
  readonly deadline: number;
}

/** A point between bytes and throughput. */
export interface FrontPoint {
  /** Share of the best throughput that may be missing. */
  readonly within: number;
  readonly throughput: number;
  readonly bytes: number;
  /** No placement that leaves so much loads fewer bytes. */
  readonly bytesBound: number;
  readonly placement: Placement;
}

export interface FoundChange {
  readonly placement: Placement;
  readonly bound: number;
  readonly method: LeastBytes["method"];
  readonly order: StepOrder;
  /** The best that is known, and the least that is accepted: flow, or decode tokens/s served. */
  readonly best: number;
  readonly floor: number;
  /** Where the objective is what is served. */
  readonly servedOf?: (placement: Placement) => PlacementFile["served"];
  readonly front?: readonly FrontPoint[];
}

export const DEFAULT_WITHIN = 0.02;
export const DEFAULT_STEP_FLOOR = 0.5;
/** What may be given up, point by point of a front. */
const FRONT = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5];
/** Share of what is left for the bound and the first try, where plans are judged by what they serve. */
const FIRST_SHARE = 0.4;
/** For the order of the steps where the search has left no time. */
const ORDER_SECONDS = 1;
/** What rounding may take of a floor. */
const KEPT = 1 - 1e-9;

/** The fewest bytes found that keep (1 − within) of the best known, by flow or by what is served. */
export async function findChange(
  question: ChangeQuestion,
  options: ReplanOptions,
  ports: ReplanPorts,
): Promise<FoundChange> {
  const served = options.objective === "served" && question.chosen.engine.batching.kind === "chain";
  const find = served ? findByServed : findByFlow;
  const found = await find(question, options, ports);
  return { ...found, order: orderAfterAll(question, options, ports, found) };
}

/**
 * The steps once more where the search had used up their time: then all nodes load at once and nothing is served meanwhile,
 * though orders of few nodes are looked at in a moment.
 */
function orderAfterAll(
  question: ChangeQuestion,
  options: ReplanOptions,
  { now }: ReplanPorts,
  { placement, order }: FoundChange,
): StepOrder {
  if (order.proven || order.keepsFloor || options.signal?.aborted === true) return order;
  const until = now() + ORDER_SECONDS;
  const again = orderJob(
    jobOf(question, options, { starts: [placement], floor: 0, seconds: 0 }),
    placement,
    () => options.signal?.aborted === true || now() > until,
  );
  return again.secondsBelow < order.secondsBelow || again.proven ? again : order;
}

/** From the tightest floor to the loosest: what keeps a floor keeps each below, and what is proven below holds above. */
async function findByFlow(
  question: ChangeQuestion,
  options: ReplanOptions,
  ports: ReplanPorts,
): Promise<FoundChange> {
  const { problem, held, known, deadline } = question;
  const { within = DEFAULT_WITHIN } = options;
  const best = Math.max(...known.map((placement) => measureThroughput(problem, placement)));
  const shares =
    options.front === true ? [...new Set([...FRONT, within])].sort(byNumber) : [within];
  const found: ChangeFound[] = [];
  for (const [at, share] of shares.entries()) {
    const starts = [...known, ...found.map(({ least }) => least.placement)];
    const seconds = (deadline - ports.now()) / (shares.length - at);
    found.push(await run(question, options, ports, { starts, floor: (1 - share) * best, seconds }));
  }
  const chosen = shares.indexOf(within);
  const boundOf = (at: number): LeastBytes =>
    found
      .slice(at)
      .reduce((most, { least }) => (least.bound > most.bound ? least : most), found[at]!.least);
  const { least, order } = found[chosen]!;
  const { bound, method } = boundOf(chosen);
  const load = countLoadBytes(problem.cluster.model, held);
  const front = found.map((each, at) => ({
    within: shares[at]!,
    throughput: measureThroughput(problem, each.least.placement),
    bytes: load.total(each.least.placement),
    bytesBound: boundOf(at).bound,
    placement: each.least.placement,
  }));
  return {
    placement: least.placement,
    bound,
    method,
    order,
    best,
    floor: (1 - within) * best,
    ...(options.front === true ? { front } : {}),
  };
}

/**
 * By simulation: what is proven of bytes is proven of the flow without which so much cannot be served; placements of fewest bytes
 * for that flow, and for as much flow as the best known has, are tried, and the known ones stand beside them.
 */
async function findByServed(
  question: ChangeQuestion,
  options: ReplanOptions,
  ports: ReplanPorts,
): Promise<FoundChange> {
  const { problem, held, known, anew, chosen, deadline } = question;
  const { within = DEFAULT_WITHIN, seed = 1 } = options;
  const load = countLoadBytes(problem.cluster.model, held);
  const memory = new Map<string, PlacementFile["served"]>();
  const servedOf = (placement: Placement): PlacementFile["served"] => {
    const key = JSON.stringify(placement);
    if (!memory.has(key)) {
      const carries = measureThroughput(problem, placement) > 0;
      const run = { seed, bound: anew.served?.bound ?? 0 };
      memory.set(key, carries ? judgeServed(problem, placement, chosen, run) : undefined);
    }
    return memory.get(key);
  };
  const worth = (placement: Placement): number => servedOf(placement)?.decodeTokensPerSecond ?? 0;
  const top = known.reduce((most, each) => (worth(each) > worth(most) ? each : most));
  const best = worth(top);
  const floor = (1 - within) * best;
  const flow = measureThroughput(problem, top) * KEPT;
  const share = boundByFlow(problem.cluster, 1);
  const least = share === Infinity ? 0 : Math.min(flow, floor / share);
  const left = (): number => deadline - ports.now();
  const seconds = FIRST_SHARE * left();
  const first = await run(question, options, ports, {
    starts: known,
    floor: Math.max(least, flow * 1e-6),
    seconds,
  });
  const interrupted = (): boolean => options.signal?.aborted === true;
  const second = interrupted()
    ? first
    : await run(question, options, ports, {
        starts: [...known, first.least.placement],
        floor: Math.min(flow, (1 - within) * flow),
        seconds: left(),
      });
  // What serves as much in another order of its nodes has other sizes than what loads least for the flow alone.
  const ordered = known.map((each) =>
    relayChains(problem, load, each, { floor: 0, shouldStop: interrupted, keepSizes: true }),
  );
  const alike = [second.least.placement, ...known, ...ordered].map((each) =>
    swapAlike(problem, load, each),
  );
  const found = [first.least.placement, second.least.placement];
  // After an interrupt there is time for few simulations: what the search has found, and it and the best known with alike nodes swapped.
  const few = [...known, ...found, alike[0], alike[1 + known.indexOf(top)]];
  const judged = (each: Placement): boolean => !interrupted() || few.includes(each);
  const placement = [top, ...found, ...alike, ...ordered, ...known]
    .sort((a, b) => load.total(a) - load.total(b))
    .find((each) => judged(each) && worth(each) >= floor * KEPT)!;
  const order =
    placement === second.least.placement
      ? second.order
      : orderJob(
          jobOf(question, options, { starts: known, floor: 0, seconds: 0 }),
          placement,
          () => interrupted() || left() < 0,
        );
  const { bound, method } = first.least;
  return { placement, order, bound, method, best, floor, servedOf };
}

type Task = Pick<ChangeJob, "starts" | "floor" | "seconds">;

function jobOf(
  { problem, held, rateOf }: ChangeQuestion,
  { seed = 1, solver = "highs", threads, floor: stepFloor = DEFAULT_STEP_FLOOR }: ReplanOptions,
  task: Task,
): ChangeJob {
  const rates = held.map((_, node) => rateOf(node));
  const provenBeside = threads !== 1;
  return { problem, held, rates, seed, solver, stepFloor, provenBeside, ...task };
}

/** Beside this thread, where there is one. */
async function run(
  question: ChangeQuestion,
  options: ReplanOptions,
  ports: ReplanPorts,
  task: Task,
): Promise<ChangeFound> {
  const { runChange } = ports;
  const { signal } = options;
  const job = jobOf(question, options, task);
  if (runChange !== undefined && options.threads !== 0) return runChange(job, signal);
  await ports.breathe();
  const solver = await ports.loadSolver(job.solver);
  const shouldStop = (): boolean => signal?.aborted === true;
  return runChangeJob(job, { solver, now: ports.now, shouldStop });
}

function byNumber(a: number, b: number): number {
  return a - b;
}
