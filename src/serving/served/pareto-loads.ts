import type { Placement } from "../../core/placement.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import type { SimulationCrew } from "../simulate/simulation-job.js";
import { createTrial, type JudgedPlacement, type TrialOptions } from "./goodput-trials.js";

/** A placement judged under a load. */
export interface LoadedPlacement extends JudgedPlacement {
  /** Share of what it serves at full load, of which so much arrives at random; absent: full load. */
  readonly load?: number;
}

/**
 * Placements under shares of what each of them serves at full load, arriving at random: latencies fall with the load,
 * and not of all alike. Share by share, for as long as there is time; the full loads come first.
 * @param full each placement at full load.
 * @param shares above 0 and below 1.
 */
export async function judgeUnderLoads(
  problem: PlanningProblem,
  full: readonly JudgedPlacement[],
  shares: readonly number[],
  options: TrialOptions,
  crew: SimulationCrew,
): Promise<readonly LoadedPlacement[]> {
  const serves = new Map(
    full.map(({ placement, report: { result } }) => [
      placement,
      result.decodeTokensPerSecond + result.promptTokensPerSecond,
    ]),
  );
  const judged: LoadedPlacement[] = [...full];
  for (const load of shares) {
    const rate = (placement: Placement): number => load * serves.get(placement)!;
    const trial = createTrial(
      problem,
      { ...options, own: (placement) => ({ tokensPerSecond: rate(placement) }) },
      crew,
    );
    const answers = await trial(full.map(({ placement }) => placement));
    judged.push(...answers.map((answer) => ({ ...answer, load })));
  }
  return judged;
}
