import type { Cluster } from "../../core/cluster.js";
import type { EngineAsked } from "../../engines/choose-engine.js";
import type { Placement } from "../../core/placement.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { partedAs } from "../../formats/parted-as.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { placementOf } from "../../formats/read-placement.js";
import { decodeShare } from "../served/bound-served.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { problemFor } from "../served/problem-for.js";
import { createRateRuns } from "../served/rate-runs.js";
import { simulatePlacement, type SimulationReport } from "../simulate/simulate-placement.js";

/** As `simulate --rate` has it, unless so many decode tokens are made before. */
const LONG = { tokens: 1.2e7, leastSeconds: 60 };
/** In less time a run is so long all the same. */
const LEAST_TOKENS = 1e6;
/** Runs may be slower than those before. */
const SAFE = 0.8;
/** At full load. */
const FULL = { warmupSeconds: 60, durationSeconds: 120 };

/** Runs of a plan with prompt and output tokens/s that arrive at random. */
export interface PlanAtRates {
  /** In so many seconds, as far as those before it say how long it takes. */
  readonly run: (
    tokensPerSecond: number,
    seed: number,
    seconds: number,
  ) => Promise<SimulationReport>;
  /** Prompt and output tokens/s at full load, in a run as short as they are. */
  readonly saturate: () => number;
  /** Decode tokens of every token that arrives. */
  readonly decodeShare: number;
}

/** Of what runs, and under which settings of the engine. */
type Runnable = Pick<Parameters<typeof createRateRuns>[0], "problem" | "options">;

/** @throws InputError for a placement of another cluster. */
export function openAtRates(
  whole: Cluster,
  file: PlacementFile,
  asked: EngineAsked,
  ports: Pick<GoodputPorts, "breathe" | "now">,
): PlanAtRates {
  // The plan may have chosen the tokens of a step.
  const batchTokens = asked.batchTokens ?? file.engineSettings?.batchTokens;
  const under = clusterUnder(whole, batchTokens === undefined ? asked : { ...asked, batchTokens });
  const cluster = partedAs(file.cluster.name, under.cluster, file);
  const own = { problem: problemFor(cluster, asked), options: under.chosen.asked };
  return runAtRates(placementOf(cluster, file), own, ports);
}

/** The same for a placement of the problem's own cluster. */
export function runAtRates(
  placement: Placement,
  { problem, options }: Runnable,
  ports: Pick<GoodputPorts, "breathe" | "now">,
): PlanAtRates {
  const { cluster, partialInference, constraints } = problem;
  const rules = {
    problem,
    options,
    isOver: () => false,
    breathe: () => ports.breathe(),
    now: () => ports.now(),
  };
  let left = 0;
  const runs = createRateRuns(rules, () => ({ ...LONG, tokens: tokensIn(left) }));
  const tokensIn = (seconds: number): number => {
    if (seconds <= 0) return LEAST_TOKENS;
    const perSecond = runs.speed() ?? Infinity;
    return Math.min(LONG.tokens, Math.max(LEAST_TOKENS, SAFE * perSecond * seconds));
  };
  return {
    decodeShare: decodeShare(cluster),
    saturate() {
      const asked = { ...options, partialInference, constraints, begins: "full" } as const;
      const { result } = simulatePlacement(cluster, placement, { ...asked, ...FULL });
      return result.decodeTokensPerSecond + result.promptTokensPerSecond;
    },
    async run(tokensPerSecond, seed, seconds) {
      left = seconds;
      return (await runs.run(placement, tokensPerSecond, seed))!;
    },
  };
}
