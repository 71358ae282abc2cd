import type { Cluster } from "../../core/cluster.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { createTrialMemory, type TrialMemory } from "../served/chains/chain-rates.js";
import { rankFinalists, type Finalist, type RankedFinalists } from "./finalists.js";
import { partConstraints } from "./part-constraints.js";
import { createPartLooks, shareOf, type LookLimits } from "./part-looks.js";
import type { NodesOptions } from "./part-search.js";
import { describeSpace } from "./part-space.js";
import { isForChains } from "./plan-served-parts.js";
import type { PlanOptions } from "./plan.js";

/** Looks in a row that show clearly less than the best one, after which no smaller size is looked at. */
const MOST_WORSE = 2;
/**
 * A look that shows this share of the best one is not clearly less: sizes that an engine never has the requests to fill serve alike,
 * and trials make noise.
 */
const AS_GOOD = 0.9;
/** What a look must show, as a share of the best one: others may be made of the nodes than were on trial. */
const NEAR = 0.93;

/** Looks that share the time left: fewer sizes than three do not show where most is served. */
const AT_ONCE = 3;

/** The best of the finalists with a smaller step, and what trials have shown. */
interface StepLook {
  readonly memory: TrialMemory;
  readonly top: RankedFinalists | undefined;
  /** Its share of the time was up before anything was seen. */
  readonly unseen: boolean;
}

/** Of a size of a step. */
interface ShownStep {
  readonly batchTokens: number;
  readonly top: RankedFinalists;
}

/** Finalists judged with smaller steps, each size once. */
export interface StepLooks {
  look(batchTokens: number): Promise<StepLook>;
  /** What trials have shown with steps of this size. */
  memoryOf(batchTokens: number): TrialMemory;
  /** What has shown most in any look or glance so far. */
  most(): ShownStep | undefined;
  /**
   * Looks at what anybody would make by hand with each of these sizes, before anything is planned. The size that shows most; undefined
   * where there was no time to look at two.
   */
  glance(sizes: readonly number[], limits: LookLimits): Promise<number | undefined>;
  /**
   * Which of these sizes to plan for: those near the best by trials, and those after them as long as plans serve more. None where
   * trials show no gain over the engine's own step.
   */
  listOpen(sizes: readonly number[]): Promise<{
    readonly near: readonly number[];
    readonly after: readonly number[];
    /** Of some nothing was seen, as it was time to stop. */
    readonly cut: boolean;
  }>;
}

export function createStepLooks(
  whole: Cluster,
  options: PlanOptions,
  finalists: readonly Finalist[],
  limits: LookLimits,
): StepLooks {
  const known = new Map<number, StepLook>();
  const memories = new Map<number, TrialMemory>();
  let shownMost: ShownStep | undefined;

  function note(batchTokens: number, top: RankedFinalists | undefined): void {
    if (top !== undefined && top.worth > (shownMost?.top.worth ?? 0))
      shownMost = { batchTokens, top };
  }

  function memoryOf(batchTokens: number): TrialMemory {
    const { cluster, chosen } = clusterUnder(whole, { ...options, batchTokens });
    const memory = memories.get(batchTokens) ?? createTrialMemory(cluster, chosen.engine);
    memories.set(batchTokens, memory);
    return memory;
  }

  async function look(batchTokens: number): Promise<StepLook> {
    const before = known.get(batchTokens);
    if (before !== undefined) return before;
    const smaller = { ...options, batchTokens };
    const memory = memoryOf(batchTokens);
    const own = shareOf(limits, AT_ONCE);
    const [again] = await rankFinalists(finalists, smaller, {
      memory,
      ports: limits.ports,
      outOfTime: own.shouldStop,
    });
    const byHand = await lookByHand(whole, { ...smaller, memory }, own, finalists);
    const top = (byHand?.worth ?? 0) > (again?.worth ?? 0) ? byHand : again;
    const seen = { memory, top, unseen: top === undefined && own.shouldStop() };
    known.set(batchTokens, seen);
    note(batchTokens, top);
    return seen;
  }

  return {
    look,
    memoryOf,
    most: () => shownMost,
    async glance(sizes, brief) {
      const { shown, most } = await lookDown(sizes, 0, brief.shouldStop, async (batchTokens) => {
        const asked = { ...options, batchTokens, memory: memoryOf(batchTokens) };
        const top = await lookByHand(whole, asked, shareOf(brief, AT_ONCE));
        note(batchTokens, top);
        return { top, unseen: false };
      });
      return shown.length > 1 ? sizes[shown.indexOf(most)] : undefined;
    },
    async listOpen(sizes) {
      const own = Math.max(0, ...finalists.map(({ worth }) => worth));
      const { shown, most, cut } = await lookDown(sizes, own, limits.shouldStop, look);
      if (most === own) return { near: [], after: [], cut };
      const first = shown.findIndex((worth) => worth >= NEAR * most);
      const best = shown.indexOf(most);
      return { near: sizes.slice(first, best + 1), after: sizes.slice(best + 1), cut };
    },
  };
}

/** Looks at one size after another, until some in a row show clearly less than the best one. */
async function lookDown(
  sizes: readonly number[],
  own: number,
  shouldStop: () => boolean,
  look: (batchTokens: number) => Promise<Pick<StepLook, "top" | "unseen">>,
): Promise<{ readonly shown: readonly number[]; readonly most: number; readonly cut: boolean }> {
  const shown: number[] = [];
  let most = own;
  let cut = false;
  for (let worse = 0; shown.length < sizes.length && worse < MOST_WORSE;) {
    if (shouldStop()) return { shown, most, cut: true };
    const { top, unseen } = await look(sizes[shown.length]!);
    const worth = top?.worth ?? 0;
    cut ||= unseen;
    shown.push(worth);
    worse = worth >= AS_GOOD * most ? 0 : worse + 1;
    most = Math.max(most, worth);
  }
  return { shown, most, cut };
}

/** Where nothing stood on trial yet. */
const NO_TRIAL = { chains: [], worth: 0 };

/**
 * What anybody would make by hand for this step: chains, and ways to share out cards, that were made for a larger one may not be
 * those that serve most. Undefined where there is nothing to choose.
 */
async function lookByHand(
  whole: Cluster,
  options: NodesOptions & { readonly memory: TrialMemory },
  limits: LookLimits,
  finalists: readonly Finalist[] = [
    { cluster: whole, constraints: options.constraints, ...NO_TRIAL },
  ],
): Promise<RankedFinalists | undefined> {
  const { memory, constraints } = options;
  const { ports, shouldStop: outOfTime } = limits;
  if (outOfTime()) return undefined;
  if (whole.parting === undefined || options.keepCards === true) {
    const [top] = await rankFinalists(finalists, options, {
      memory,
      ports,
      outOfTime,
      obvious: true,
    });
    return top;
  }
  if (!isForChains(whole, options)) return undefined;
  const looks = createPartLooks(whole, describeSpace(whole, options), options, limits);
  const [top] = await looks.rank();
  if (top === undefined) return undefined;
  const { parted, chains, worth } = top;
  const mapped =
    constraints === undefined ? {} : { constraints: partConstraints(whole, parted, constraints) };
  return { cluster: parted, ...mapped, starts: [chains], worth };
}
