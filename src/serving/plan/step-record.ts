import type { PlacementFile } from "../../formats/placement-schema.js";
import type { PlanOutcome } from "./plan.js";

export type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/** Times what the engine's own step serves that another must, at full load or within limits, or it is not worth being set. */
export const LEAST_GAIN = 1.01;

/** Plans by their size of a step. */
export interface StepRecord {
  /** The best of each. */
  readonly bySize: ReadonlyMap<number, Planned>;
  best(): Planned;
  readonly log: PlacementFile["solve"]["strategies"];
  /** @returns whether it serves more than all before. */
  add(batchTokens: number, next: Planned): boolean;
}

/** What a plan with steps of this size has found, on the clock of the whole, and what it serves. */
export function logOf(
  batchTokens: number,
  planned: Planned,
  elapsed: () => number,
): PlacementFile["solve"]["strategies"] {
  const { strategies, seconds: own } = planned.file.solve;
  const seconds = elapsed();
  const begun = Math.max(0, seconds - own);
  return [
    ...strategies.map((entry) =>
      entry.seconds === undefined ? entry : { ...entry, seconds: begun + entry.seconds },
    ),
    { strategy: `steps of ${batchTokens} tokens`, served: servedBy(planned), seconds },
  ];
}

export function openRecord(size: number, first: Planned, elapsed: () => number): StepRecord {
  const bySize = new Map<number, Planned>();
  const log: PlacementFile["solve"]["strategies"] = [];
  let best = first;
  const add: StepRecord["add"] = (batchTokens, next) => {
    const served = servedBy(next);
    log.push(...logOf(batchTokens, next, elapsed));
    const before = bySize.get(batchTokens);
    if (before === undefined || served > servedBy(before)) bySize.set(batchTokens, next);
    const better = served > servedBy(best);
    if (better) best = next;
    return better;
  };
  add(size, first);
  return { bySize, best: () => best, log, add };
}

/** Decode tokens/s. */
export function servedBy({ file }: Planned): number {
  return file.served?.decodeTokensPerSecond ?? 0;
}
