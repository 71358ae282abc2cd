import type { Cluster } from "../../core/cluster.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { createTrialMemory, type TrialMemory } from "../served/chains/chain-rates.js";
import type { GoodputPorts } from "../served/plan-goodput.js";
import { rankFinalists, type Finalist, type RankedFinalists } from "./finalists.js";
import type { PlanOptions } from "./plan.js";

/** Looks in a row that show less than the best one, after which no smaller size is looked at: trials make noise. */
const MOST_WORSE = 2;
/** What a look must show, as a share of the best one: others may be made of the nodes than were on trial. */
const NEAR = 0.93;

/** The best of the finalists with a smaller step, and what trials have shown. */
interface StepLook {
  readonly memory: TrialMemory;
  readonly top: RankedFinalists | undefined;
}

/** Finalists judged with smaller steps, each size once. */
export interface StepLooks {
  look(batchTokens: number): Promise<StepLook>;
  /**
   * Which of these sizes to plan for: those near the best by trials, and those after them as long as plans serve more. None where
   * trials show no gain over the engine's own step.
   */
  listOpen(
    sizes: readonly number[],
    shouldStop: () => boolean,
  ): Promise<{
    readonly near: readonly number[];
    readonly after: readonly number[];
    /** Some were not looked at, as it was time to stop. */
    readonly cut: boolean;
  }>;
}

/** @param outOfTime after which no trial begins. */
export function createStepLooks(
  whole: Cluster,
  options: PlanOptions,
  finalists: readonly Finalist[],
  {
    ports,
    outOfTime,
  }: {
    readonly ports: Pick<GoodputPorts, "now" | "schedule">;
    readonly outOfTime: () => boolean;
  },
): StepLooks {
  const known = new Map<number, StepLook>();

  async function look(batchTokens: number): Promise<StepLook> {
    const before = known.get(batchTokens);
    if (before !== undefined) return before;
    const smaller = { ...options, batchTokens };
    const { cluster, chosen } = clusterUnder(whole, smaller);
    const memory = createTrialMemory(cluster, chosen.engine);
    const [top] = await rankFinalists(finalists, smaller, { memory, ports, outOfTime });
    const own = { memory, top };
    known.set(batchTokens, own);
    return own;
  }

  return {
    look,
    async listOpen(sizes, shouldStop) {
      const own = Math.max(0, ...finalists.map(({ worth }) => worth));
      const shown: number[] = [];
      let most = own;
      let cut = false;
      for (let worse = 0; shown.length < sizes.length && worse < MOST_WORSE;) {
        cut = shouldStop();
        if (cut) break;
        const { worth = 0 } = (await look(sizes[shown.length]!)).top ?? {};
        shown.push(worth);
        worse = worth > most ? 0 : worse + 1;
        most = Math.max(most, worth);
      }
      if (most === own) return { near: [], after: [], cut };
      const first = shown.findIndex((worth) => worth >= NEAR * most);
      const best = shown.indexOf(most);
      return { near: sizes.slice(first, best + 1), after: sizes.slice(best + 1), cut };
    },
  };
}
