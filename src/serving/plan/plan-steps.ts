import { sourceOf, type Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { limitsLatency } from "../served/limits.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { defaultObjective } from "./default-objective.js";
import type { Finalist, RankedFinalists } from "./finalists.js";
import { DEFAULT_GAP, underBound, underServedBound } from "./part-bound.js";
import type { LookLimits } from "./part-looks.js";
import type { PlanNodes } from "./part-search.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";
import { LEAST_GAIN, openRecord, servedBy, type Planned, type StepRecord } from "./step-record.js";
import { planStepsWithin } from "./plan-steps-within.js";
import { startClock, type Clock } from "./step-clock.js";
import { createStepLooks, type StepLooks } from "./step-looks.js";

/** Halves of the engine's own step that are looked at; smaller steps than this are all overhead. */
const MOST_HALVES = 7;
const LEAST_TOKENS = 64;
/** Share of what the best step serves from which on a step is planned for anew: it may serve more than that then. */
const NEAR_PLAN = 0.9;
/** With less time left, nothing is planned for anew. */
const LEAST_SECONDS = 2;
/** Share of the time in which sizes are looked at before anything is planned. */
const GLANCE_SHARE = 0.15;
/** Share of the time after which the plan with the engine's own step ends; and for that plan where a smaller one has shown more. */
const OWN_SHARE = 0.7;
const BRIEF_SHARE = 0.15;
/** Share of the time after which no more sizes are looked at. */
const LOOKS_SHARE = 0.85;

/**
 * Plans, and chooses the tokens of a step where their number is nobody's choice yet.
 * @throws InputError where the choice is asked for and there is none.
 */
export async function planSteps(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
  plans: Plans,
): Promise<PlanOutcome> {
  const size = findOwnStep(cluster, options);
  if (size === undefined) return plans.any(cluster, options, ports);
  const clock = startClock(options, ports);
  if (options.objective !== "goodput")
    return planServedSteps(cluster, options, ports, { ...plans, size, clock });
  const sizes = [size, ...listHalves(size)];
  return planStepsWithin(cluster, options, ports, { ...plans, sizes, clock });
}

interface Plans {
  readonly any: PlanNodes;
  readonly nodes: PlanNodes;
}

/**
 * Plans with the engine's own step, judges what stood on trial with halves of it, and what anybody would make by hand with each: batches on their
 * way in one chain bunch behind the longest of them, and smaller ones are more alike. Sizes near the best are then planned for alone. Never serves
 * less than the plan with the engine's own step. The bounds hold for all sizes: what fits into a small step fits into a larger one.
 */
async function planServedSteps(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
  { size, clock, ...plans }: Plans & { readonly size: number; readonly clock: Clock },
): Promise<PlanOutcome> {
  const { limit, elapsed, over, within } = clock;
  const finalists: Finalist[] = [];
  const looksEnd = looksUntil(LOOKS_SHARE, clock, ports);
  const looks = createStepLooks(cluster, options, finalists, looksEnd);
  const brief = options.stepsInBrief !== true && (await promisesMore(looks, size, clock, ports));
  const share = brief ? BRIEF_SHARE * limit : OWN_SHARE * limit - elapsed();
  const asked = { ...options, ...within(share), finalists, memory: looks.memoryOf(size) };
  const first = await plans.any(cluster, asked, ports);
  if (first.kind !== "planned" || servedBy(first) === 0) return first;
  const { upperBound, bound: boundName } = first.file;
  const planned = openRecord(size, first, elapsed);
  const { near, after, cut } = await looks.listOpen(listHalves(size));
  let untried = cut;
  for (const batchTokens of [...near, ...after]) {
    if (over()) {
      untried = true;
      break;
    }
    const { top } = await looks.look(batchTokens);
    const next = top && (await planWith(batchTokens, top));
    if (next?.kind !== "planned") {
      untried ||= over();
      break;
    }
    if (planned.add(batchTokens, next)) continue;
    if (!near.includes(batchTokens) || batchTokens === near.at(-1)) break;
  }
  const late = !(await planNearAnew());
  await planShown();
  return describeChosen(planned, {
    ownStep: size,
    gap: options.gap ?? DEFAULT_GAP,
    seconds: elapsed(),
    untried,
    cut: untried || late,
    interrupted: options.signal?.aborted === true,
  });

  /**
   * Chains, and ways to share out cards, that were found with larger steps may not be those that serve most: sizes whose plans are near
   * the best are planned for as if each were the only one, the best first; the engine's own as well where it was planned for in less time. In brief only ways to share out cards are looked at anew, for
   * the best size.
   * @returns whether there was time for all of it
   */
  async function planNearAnew(): Promise<boolean> {
    const anew = options.stepsInBrief !== true;
    if (!anew && (cluster.parting === undefined || options.keepCards === true)) return true;
    const least = (anew ? NEAR_PLAN : 1) * servedBy(planned.best());
    const near = [...planned.bySize]
      .filter(([batchTokens, own]) => (brief || batchTokens !== size) && servedBy(own) >= least)
      .toSorted(([, a], [, b]) => servedBy(b) - servedBy(a));
    for (const [index, [batchTokens]] of near.entries()) {
      const left = limit - elapsed();
      if (over() || left < LEAST_SECONDS) return false;
      const { memory, top } = await looks.look(batchTokens);
      // With the choice how cards work together, each way has chains of its own.
      const starts = cluster.parting === undefined ? (top?.starts ?? []) : [];
      const before = { starts, upperBound, boundName, anew };
      const limits = within(left / (near.length - index));
      const sized = batchTokens === size ? options : { ...options, batchTokens };
      const next = await plans.any(cluster, { ...sized, ...limits, memory, before }, ports);
      if (next.kind !== "planned") return false;
      planned.add(batchTokens, next);
    }
    return true;
  }

  /** Interrupted before the size that shows most was planned for: what somebody would make by hand for it is returned all the same. */
  async function planShown(): Promise<void> {
    const shown = looks.most();
    if (options.signal?.aborted !== true || shown === undefined) return;
    const { batchTokens, top } = shown;
    if (planned.bySize.has(batchTokens) || top.worth <= servedBy(planned.best())) return;
    const next = await planWith(batchTokens, top);
    if (next.kind === "planned") planned.add(batchTokens, next);
  }

  /** The best of what is known with a smaller step. */
  async function planWith(
    batchTokens: number,
    { cluster: parted, constraints, starts }: RankedFinalists,
  ): Promise<PlanOutcome> {
    const mapped = constraints === undefined ? {} : { constraints };
    const before = { starts, upperBound, boundName };
    const known = { ...mapped, before, memory: looks.memoryOf(batchTokens) };
    const asked = { ...options, batchTokens, ...known, ...within(limit - elapsed()) };
    return plans.nodes(parted, asked, ports);
  }
}

/**
 * Whether a size below the engine's own shows most, by what anybody would make by hand: then the time is for the smaller ones.
 * Asked by the clock only.
 */
async function promisesMore(
  looks: StepLooks,
  size: number,
  clock: Clock,
  ports: GoodputPorts,
): Promise<boolean> {
  if (!Number.isFinite(clock.limit)) return false;
  const sizes = [size, ...listHalves(size)];
  const most = await looks.glance(sizes, looksUntil(GLANCE_SHARE, clock, ports));
  return most !== undefined && most !== size;
}

/** Looks that end after a share of the time. */
function looksUntil(
  share: number,
  { limit, elapsed, over }: Clock,
  ports: GoodputPorts,
): LookLimits {
  const end = share * limit;
  return {
    ports,
    shouldStop: () => over() || elapsed() > end,
    secondsLeft: () => end - elapsed(),
    most: 0,
  };
}

/** How the choice of a step went. */
interface Choice {
  readonly ownStep: number;
  readonly gap: number;
  readonly seconds: number;
  /** Some sizes were not tried. */
  readonly untried: boolean;
  /** Time was out before all that was to be tried was. */
  readonly cut: boolean;
  readonly interrupted: boolean;
}

/** The best, with what the engine's own step serves, or the plan with that. */
function describeChosen(planned: StepRecord, choice: Choice): Planned {
  const { ownStep, gap, seconds, untried, cut, interrupted } = choice;
  const { log } = planned;
  const best = planned.best();
  const plain = planned.bySize.get(ownStep)!;
  const { upperBound: value, bound: name, solve, served } = plain.file;
  const late = cut || [plain, best].some(({ file }) => file.termination === "time-limit");
  const ended = interrupted ? "interrupted" : late ? "time-limit" : plain.file.termination;
  const stepsUntried = interrupted ? "interrupted" : "time-limit";
  const open = untried ? ({ stepsUntried } as const) : {};
  if (servedBy(best) < LEAST_GAIN * servedBy(plain)) {
    const whole = { ...solve, seconds, strategies: log };
    const said = { served: { ...served!, ...open } };
    return { ...plain, file: { ...plain.file, ...said, termination: ended, solve: whole } };
  }
  const own = { ...best.file, solve, termination: ended };
  const bounded = underBound(own, { value, name }, gap, { seconds, log });
  const file = underServedBound(bounded, served!.bound ?? 0);
  const engineStep = { batchTokens: ownStep, decodeTokensPerSecond: servedBy(plain) };
  return { ...best, file: { ...file, served: { ...file.served!, engineStep, ...open } } };
}

/** Halves of the engine's own size, which may be small already. */
function listHalves(own: number): readonly number[] {
  const halves = Array.from({ length: MOST_HALVES }, (_, at) => own >> (at + 1));
  return halves.filter((tokens) => tokens >= LEAST_TOKENS);
}

/** Whether sizes can be tried for a plan within limits on latency: by the clock. */
function isWithinLimits({ limits, iterationLimit }: PlanOptions): boolean {
  return iterationLimit === undefined && limits !== undefined && limitsLatency(limits);
}

/**
 * Tokens of the engine's own step where its size is to be chosen: where nobody has said it, or the choice is asked for.
 * Undefined where nothing is served in chains, or the engine cannot be told.
 */
function findOwnStep(cluster: Cluster, options: PlanOptions): number | undefined {
  const { chooseBatchTokens: choose, baseline, constraints } = options;
  const { cluster: rated, chosen } = clusterUnder(cluster, options);
  const said = options.batchTokens ?? chosen.choice?.batchTokens;
  if (choose === false || (choose === undefined && said !== undefined)) return undefined;
  const { batching, title } = chosen.engine;
  const objective = options.objective ?? defaultObjective(rated, chosen, options);
  const aimed = objective === "served" || (objective === "goodput" && isWithinLimits(options));
  const wanted = aimed && baseline === undefined && constraints?.survive === undefined;
  if (wanted && batching.kind === "chain" && batching.stepIsFixed !== true) {
    // Mixes that are merely compared within limits keep the engine's own.
    const compared = objective === "goodput" && options.stepsInBrief === true;
    return compared ? undefined : batching.batchTokens;
  }
  if (choose === undefined) return undefined;
  throw new InputError(sourceOf(cluster), [
    {
      path: "--choose-batch-tokens",
      found: `objective ${baseline === undefined ? objective : "of a baseline"}, engine ${title}`,
      expected:
        "--objective served, or limits on latency and no --iteration-limit, under an engine that runs chains, such as vLLM",
      remedy: "Leave the option out, or say --batch-tokens.",
    },
  ]);
}
