import type { StageRates, StageTree } from "../planner/coverings/stage-tree.js";

/**
 * Most tokens/s that one node takes in at the start of a stage that carries `flow`. If it is no more than
 * what the link of a node pair lets through, the stage can follow any other.
 */
export function entryRate(
  { layers, items, lanes }: StageTree,
  rates: StageRates,
  flow: number,
): number {
  const own = items.map(({ machineClass }) =>
    Math.min(flow, rates.rate[machineClass]![layers - 1]!),
  );
  return Math.max(0, ...own, ...lanes.map((lane) => entryRate(lane[0]!, rates, flow)));
}
