import type { PlacementFile } from "../../formats/placement-schema.js";
import type { PlanOutcome } from "./plan.js";

export type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/** Plans by their size of a step. */
export interface StepRecord {
  /** The best of each. */
  readonly bySize: ReadonlyMap<number, Planned>;
  best(): Planned;
  readonly log: PlacementFile["solve"]["strategies"];
  /** @returns whether it serves more than all before. */
  add(batchTokens: number, next: Planned): boolean;
}

export function openRecord(size: number, first: Planned, elapsed: () => number): StepRecord {
  const bySize = new Map<number, Planned>();
  const log: PlacementFile["solve"]["strategies"] = [];
  let best = first;
  const add: StepRecord["add"] = (batchTokens, next) => {
    const strategy = `steps of ${batchTokens} tokens`;
    const served = servedBy(next);
    log.push(...next.file.solve.strategies, { strategy, served, seconds: elapsed() });
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
