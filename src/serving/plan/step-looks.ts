import type { Cluster } from "../../core/cluster.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { createTrialMemory, type TrialMemory } from "../served/chains/chain-rates.js";
import type { GoodputPorts } from "../served/plan-goodput.js";
import { rankFinalists, type Finalist, type RankedFinalists } from "./finalists.js";
import type { PlanOptions } from "./plan.js";

/** Looks in a row that show less than the best one, after which no smaller size is looked at: trials make noise. */
const MOST_WORSE = 2;

/** The best of the finalists with a smaller step, and what trials have shown. */
interface StepLook {
  readonly memory: TrialMemory;
  readonly top: RankedFinalists | undefined;
}

/** Finalists judged with smaller steps, each size once. */
export interface StepLooks {
  look(batchTokens: number): Promise<StepLook>;
  /** The first of these sizes to plan for, and those after it; none where trials show no gain over the engine's own step. */
  listFrom(sizes: readonly number[], shouldStop: () => boolean): Promise<readonly number[]>;
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
    async listFrom(sizes, shouldStop) {
      let most = Math.max(0, ...finalists.map(({ worth }) => worth));
      let from = sizes.length;
      for (let at = 0, worse = 0; at < sizes.length && worse < MOST_WORSE; at += 1) {
        if (at > 0 && shouldStop()) break;
        const { worth = 0 } = (await look(sizes[at]!)).top ?? {};
        worse = worth > most ? 0 : worse + 1;
        if (worth <= most) continue;
        most = worth;
        from = at;
      }
      return sizes.slice(from);
    },
  };
}
