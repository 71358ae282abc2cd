import type { Cluster } from "../../core/cluster.js";
import { scoreService, type ServiceFigures, type ServiceLimits } from "./limits.js";
import type { GoodputEstimate, GoodputModel } from "./steady-state.js";
import { vary } from "./vary.js";
import { evaluateNetwork } from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import { buildOpenNetwork } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import type { SimulateOptions, SimulationReport } from "../simulate/simulate-placement.js";
import type { SimulationCrew } from "../simulate/simulation-job.js";

/** A placement with what the simulator says of it. */
export interface JudgedPlacement {
  readonly placement: Placement;
  readonly report: SimulationReport;
}

/** Puts placements under load; the answers in the same order. */
export type Trial = (placements: readonly Placement[]) => Promise<readonly JudgedPlacement[]>;

export interface TrialOptions extends SimulateOptions {
  /** Gives up the runs under way: the answers are then those of the others. */
  readonly signal?: AbortSignal;
  /** Seconds that a run which starts now may take: then it answers with what it has measured. Of 0 none starts. */
  readonly within?: () => number;
  /** What a placement is simulated with beside the rest. */
  readonly own?: (placement: Placement) => SimulateOptions;
}

/** Trials on a crew, as many at once as it has hands. */
export function createTrial(
  problem: PlanningProblem,
  { signal, within, own, ...options }: TrialOptions,
  crew: SimulationCrew,
): Trial {
  const given = new Promise<void>((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
  return async (placements) => {
    const judged: JudgedPlacement[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < placements.length; at = next++) {
        const seconds = within?.();
        if (signal?.aborted === true || seconds === 0) return;
        const placement = placements[at]!;
        const { links } = evaluateNetwork(
          problem.cluster,
          placement,
          buildOpenNetwork(problem, placement),
        );
        const { report } = await crew.run({
          cluster: problem.cluster,
          placement,
          options: {
            ...options,
            ...own?.(placement),
            partialInference: problem.partialInference,
            constraints: problem.constraints,
            links,
          },
          ...(seconds === undefined ? {} : { withinSeconds: seconds }),
        });
        judged[at] = { placement, report };
      }
    };
    const all = Promise.all(Array.from({ length: Math.max(1, crew.size) }, work));
    all.catch(() => undefined);
    await Promise.race([all, given]);
    return judged.filter((one) => one !== undefined);
  };
}

export function figuresOf({ report }: JudgedPlacement): ServiceFigures {
  const { decodeTokensPerSecond, timeToFirstToken, timePerOutputToken } = report.result;
  return { decodeTokensPerSecond, timeToFirstToken, timePerOutputToken };
}

/** Best first; of equals the earlier one. */
export function rank(
  judged: readonly JudgedPlacement[],
  limits: ServiceLimits,
): readonly JudgedPlacement[] {
  const scores = new Map(judged.map((one) => [one, scoreService(figuresOf(one), limits)]));
  return judged.toSorted((a, b) => scores.get(b)! - scores.get(a)!);
}

/**
 * Long enough for requests to come and go, and no longer than ranking needs: in times that a request
 * takes by the model.
 */
export function trialWindow(
  cluster: Cluster,
  { concurrency, decodeTokensPerSecond }: GoodputEstimate,
): { readonly warmupSeconds: number; readonly durationSeconds: number } {
  const { meanOutputTokens } = chooseLengths(cluster.workload);
  const request = (concurrency * meanOutputTokens) / decodeTokensPerSecond;
  return {
    warmupSeconds: Math.ceil(WARM_REQUESTS * request),
    durationSeconds: Math.ceil(TRIAL_REQUESTS * request),
  };
}

/** A placement whose variants are worth a trial, and what they are to keep. */
export interface Parent {
  readonly judged: JudgedPlacement;
  readonly limits: ServiceLimits;
}

export interface Evolution {
  readonly problem: PlanningProblem;
  readonly model: GoodputModel;
  readonly seed: number;
  readonly trial: Trial;
  readonly parents: (judged: readonly JudgedPlacement[]) => readonly Parent[];
  /** Asked before every round. */
  readonly enough: (rounds: number) => boolean;
  /** Whether hands that would wait for the queue get variants. Then what is tried depends on the clock. */
  readonly restless: boolean;
  /** Lets trials under way report before the next placement is made. */
  readonly breathe: () => Promise<void>;
}

const WARM_REQUESTS = 0.3;
const TRIAL_REQUESTS = 1.2;
/** Trials per round: the next round builds on what this one found. Even, for two threads. */
export const PER_ROUND = 4;
/** Moves from parent to variant, in turn. */
const MOVES = [4, 10, 20, 6, 3];

/**
 * Local search with the simulator as judge: tries the placements in the queue, then variants of the
 * best so far. The model proposes, as it ranks what is alike only roughly, and the simulator knows.
 * While a round is on trial, the next is made from what was known before it, unless hands wait. An undefined in the
 * queue is a pause.
 * @returns everything judged, in the order of trial.
 */
export async function evolve(
  { problem, model, seed, trial, parents, enough, restless, breathe }: Evolution,
  queue: Iterator<Placement | undefined, unknown>,
  before: readonly JudgedPlacement[],
): Promise<readonly JudgedPlacement[]> {
  const known = new Set(before.map(({ placement }) => JSON.stringify(placement)));
  const isNew = (placement: Placement): boolean => {
    const { size } = known;
    return known.add(JSON.stringify(placement)).size > size;
  };
  let judged = before;
  let running: ReturnType<Trial> | undefined;
  let waiting = false;
  let draws = 0;
  const launch = (batch: readonly Placement[]): void => {
    waiting = false;
    running = trial(batch);
    const ended = (): void => void (waiting = restless);
    running.then(ended, ended);
  };
  const settle = async (): Promise<void> => {
    if (running !== undefined) judged = [...judged, ...(await running)];
    running = undefined;
  };
  const collect = async (batch: Placement[], enoughOfThem: () => boolean): Promise<void> => {
    while (batch.length < PER_ROUND && !enoughOfThem()) {
      const next = queue.next();
      if (next.done === true) return;
      if (next.value !== undefined && isNew(next.value)) batch.push(next.value);
      await breathe();
    }
  };
  const addVariants = (batch: Placement[]): void => {
    const from = batch.length < PER_ROUND ? parents(judged) : [];
    const lastDraw = draws + 3 * PER_ROUND;
    while (from.length > 0 && batch.length < PER_ROUND && draws < lastDraw) {
      const moves = MOVES[draws % MOVES.length]!;
      const parent = from[draws % from.length]!;
      draws += 1;
      const origin = { placement: parent.judged.placement, figures: figuresOf(parent.judged) };
      const variant = vary(problem, model, parent.limits, origin, { moves, seed: seed + draws });
      if (variant !== undefined && isNew(variant)) batch.push(variant);
    }
  };
  for (let round = 0; !enough(round); round += 1) {
    const batch: Placement[] = [];
    await collect(batch, () => waiting);
    if (waiting) await settle();
    addVariants(batch);
    // Where there are no variants left, hands wait for the queue.
    if (waiting) await collect(batch, () => batch.length > 0);
    const nothingNew = batch.length === 0 && running === undefined;
    await settle();
    if (nothingNew) break;
    if (batch.length > 0) launch(batch);
  }
  await settle();
  return judged;
}
