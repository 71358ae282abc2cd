import type { Placement } from "../../core/placement.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Incumbent } from "../problem/strategy.js";
import type { Blackboard } from "./blackboard.js";
import { describeFault } from "./inline-crew.js";
import type { SearchOptions, SearchProgress, SearchResult, TaskEvent } from "./search.js";
import type { StrategyName } from "./strategies.js";

/** What a search knows by now; everything that happens goes through it into the log and to whoever watches. */
export interface SearchState {
  acceptWarmStart(problem: PlanningProblem, placement: Placement): void;
  noteStart(strategy: StrategyName): void;
  accept(strategy: StrategyName, event: TaskEvent): void;
  /** Notes that the whole search broke off. @returns whether there is something to keep. */
  keep(error: unknown): boolean;
  gapReached(): boolean;
  incumbent(): Incumbent | undefined;
  result(
    termination: PlacementFile["termination"],
    versions: Readonly<Record<string, string>>,
  ): SearchResult;
}

/**
 * @param board where improvements are posted for tasks that still run
 * @param elapsed seconds since the search began
 */
export function createSearchState(
  board: Blackboard,
  options: SearchOptions,
  elapsed: () => number,
): SearchState {
  let incumbent: Incumbent | undefined;
  let upperBound = Infinity;
  let boundName = "none";
  const log: PlacementFile["solve"]["strategies"] = [];
  const gap = (): number =>
    incumbent === undefined || upperBound === Infinity
      ? 1
      : Math.max(0, (upperBound - incumbent.throughput) / upperBound);
  const tell = (strategy: string, event: SearchProgress["event"]): void => {
    options.onProgress?.({
      seconds: elapsed(),
      strategy,
      event,
      throughput: incumbent?.throughput,
      upperBound,
      gap: gap(),
    });
  };
  const acceptPlacement = (strategy: string, placement: Placement, throughput: number): void => {
    if (throughput <= (incumbent?.throughput ?? 0)) return;
    incumbent = { placement, throughput };
    board.post(placement, throughput);
    log.push({ strategy, throughput, seconds: elapsed() });
    tell(strategy, "incumbent");
  };
  const acceptFailure = (strategy: string, reason: string): void => {
    if (log.some((entry) => entry.strategy === strategy && entry.failed === reason)) return;
    log.push({ strategy, failed: reason, seconds: elapsed() });
    tell(strategy, "failed");
  };
  return {
    acceptWarmStart(problem, placement) {
      const throughput = measureThroughput(problem, placement);
      if (throughput > 0) acceptPlacement("warm-start", placement, throughput);
      else tell("warm-start", "ignored-warm-start");
    },
    noteStart: (strategy) => tell(strategy, "started"),
    accept(strategy, event) {
      if (event.kind === "placement") {
        acceptPlacement(strategy, event.placement, event.throughput);
      } else if (event.kind === "failed") {
        acceptFailure(strategy, event.reason);
      } else if (event.value < upperBound) {
        upperBound = event.value;
        boundName = event.name;
        board.postBound(event.value);
        log.push({ strategy, bound: event.value, seconds: elapsed() });
        tell(strategy, "bound");
      }
    },
    keep(error) {
      if (incumbent === undefined) return false;
      acceptFailure("search", describeFault(error));
      return true;
    },
    incumbent: () => incumbent,
    gapReached: () => gap() <= Math.max(options.gap, RELATIVE_TOLERANCE * 1e-3),
    result: (termination, versions) => ({
      incumbent,
      upperBound,
      boundName,
      termination,
      log,
      versions,
    }),
  };
}
