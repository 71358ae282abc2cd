import type { Cluster } from "../../core/cluster.js";
import { partCluster, partitionOf } from "../../core/parting.js";
import { createTrialMemories } from "../served/chains/trial-memories.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { reachOfServed } from "./judge-served.js";
import { DEFAULT_GAP, underBound, underServedBound } from "./part-bound.js";
import type { PlanNodes } from "./part-search.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";
import type { Clock } from "./step-clock.js";
import { LEAST_GAIN, logOf, servedBy, type Planned } from "./step-record.js";

/** Share of the time after which no size is looked at any more. */
const LOOKS_SHARE = 0.75;
/** Shares of the time for the plan with the engine's own size, and for a look at another. */
const SHARES = { own: 0.45, look: 0.06 };
/** The same where cards can be shared out as well: every size has ways of its own to do so. */
const SHARES_OF_PARTS = { own: 0.35, look: 0.2 };
/** Seconds in which a look says anything. */
const LEAST_LOOK_SECONDS = 1;
/** Looks end once two sizes in a row keep the limits at less than this share of the best rate. */
const FAR = 0.95;

/** What a choice of steps within limits goes by. */
interface StepsWithin {
  readonly any: PlanNodes;
  readonly nodes: PlanNodes;
  /** The engine's own first, then its halves. */
  readonly sizes: readonly number[];
  readonly clock: Clock;
}

/**
 * A plan within limits on latency, whose tokens of a step are chosen: one with the engine's own is the start of brief ones with
 * its halves, until two in a row keep the limits at clearly lower rates, and the best is planned for in what time is left. A warm
 * start is planned for with the size that it has, before all others: with another it may serve half.
 * By the clock only. The bound on the flow holds for all sizes: what fits into a small step fits into a larger one.
 */
export async function planStepsWithin(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
  { any, nodes, sizes, clock }: StepsWithin,
): Promise<PlanOutcome> {
  const [own = 0] = sizes;
  const { warmStart, warmStartStep, trials = createTrialMemories() } = options;
  const start = (warmStart && warmStartStep) ?? own;
  const others = listOthers(sizes, start);
  const { limit, elapsed, over, within } = clock;
  const parted = cluster.parting !== undefined;
  const shares = parted ? SHARES_OF_PARTS : SHARES;
  const look = Math.max(LEAST_LOOK_SECONDS, shares.look * limit);
  // A look takes longer than it may where the shortest runs do, and so does what comes after it.
  let longest = look;
  const hasTime = (share: number): boolean => !over() && elapsed() + longest <= share * limit;
  const log: Planned["file"]["solve"]["strategies"] = [];
  const bySize = new Map<number, Planned>();
  let best = start;
  let ownTried = false;
  let missed: PlanOutcome | undefined;
  const rateFor = (size: number): number => reachOfServed(bySize.get(size)?.file.served);
  const planFor = async (size: number, seconds: number): Promise<PlanOutcome> => {
    const sized = size === own ? options : { ...options, batchTokens: size };
    const asked = { ...sized, ...within(seconds), trials };
    // With smaller steps other ways to share out cards serve most.
    const known = bySize.get(size) ?? (parted ? undefined : bySize.get(best));
    const outcome = await (known === undefined || (parted && options.constraints !== undefined)
      ? any(cluster, asked, ports)
      : nodes(partedAs(cluster, known), { ...asked, warmStart: known.placement }, ports));
    ownTried ||= size === own;
    // The nearest to the limits is that of the engine's own size, where that was found.
    if (outcome.kind === "limits-missed" && (size === own || missed === undefined))
      missed = outcome;
    if (outcome.kind !== "planned") return outcome;
    log.push(...logOf(size, outcome, elapsed));
    if (reachOfServed(outcome.file.served) > rateFor(size)) bySize.set(size, outcome);
    if (rateFor(size) > rateFor(best)) best = size;
    return outcome;
  };
  const first = await planFor(start, hasTime(1 - shares.own) ? shares.own * limit : limit);
  let untried = others.length;
  // What the first plan had no time to place, no brief look places.
  const looksEnd = first.kind === "not-found" ? 0 : LOOKS_SHARE;
  for (let far = 0; untried > 0 && far < 2 && hasTime(looksEnd); untried -= 1) {
    const size = others[others.length - untried]!;
    const begun = elapsed();
    await planFor(size, look);
    longest = Math.max(longest, elapsed() - begun);
    far = rateFor(size) < FAR * rateFor(best) ? far + 1 : 0;
    if (far === 2) untried = 1;
  }
  if (hasTime(1)) await planFor(best, limit - elapsed());
  const plain = bySize.get(own);
  const worth = plain === undefined || rateFor(best) >= LEAST_GAIN * rateFor(own);
  const chosen = bySize.get(worth ? best : own);
  if (chosen === undefined) return missed ?? first;
  const { upperBound: value, bound: name, served: bounded } = (plain ?? chosen).file;
  const spent = { seconds: elapsed(), log };
  const interrupted = options.signal?.aborted === true;
  const cut = interrupted ? "interrupted" : untried > 0 ? "time-limit" : undefined;
  const ended = { ...chosen.file, termination: cut ?? chosen.file.termination };
  const whole = underBound(ended, { value, name }, options.gap ?? DEFAULT_GAP, spent);
  const most = Math.max(bounded?.bound ?? 0, whole.served?.bound ?? 0);
  const file = underServedBound(whole, most);
  const served = file.served!;
  if (chosen === plain || !ownTried) {
    const stepsUntried = interrupted ? "interrupted" : "time-limit";
    return {
      ...chosen,
      file: untried > 0 ? { ...file, served: { ...served, stepsUntried } } : file,
    };
  }
  const decodeTokensPerSecond = plain === undefined ? 0 : servedBy(plain);
  const at = plain?.file.served?.at;
  const upTo = at === undefined || at === "saturation" ? {} : { rate: at.rate };
  const engineStep = { batchTokens: own, decodeTokensPerSecond, ...upTo };
  return { ...chosen, file: { ...file, served: { ...served, engineStep } } };
}

/** Sizes to look at after a first one: the engine's own, those below the first, then those between. */
function listOthers([own = 0, ...halves]: readonly number[], start: number): readonly number[] {
  const below = halves.filter((size) => size < start);
  const between = halves.filter((size) => size > start);
  return [...(start === own ? [] : [own]), ...below, ...between];
}

/** The cluster with its cards shared out as in a plan of it. */
function partedAs(cluster: Cluster, planned: Planned): Cluster {
  return cluster.parting === undefined
    ? cluster
    : partCluster(cluster, partitionOf(planned.cluster));
}
