import type { Cluster } from "../../core/cluster.js";
import type { ChosenEngine } from "../../engines/choose-engine.js";
import type { PlanOptions } from "./plan.js";

/**
 * What users get where timing curves tell it and somebody chose an engine; the flow where T(k) alone is known, one
 * strategy is asked for, or Helix runs what the paper measured.
 */
export function defaultObjective(
  { machines, nodes }: Cluster,
  { engine, choice }: ChosenEngine,
  { strategy = "portfolio" }: PlanOptions,
): "served" | "flow" {
  const timed = nodes.every(({ machine }) => {
    const { capacity } = machines[machine]!;
    return capacity.maxLayers === 0 || capacity.curves !== undefined;
  });
  const runs = choice !== undefined && engine.name !== "helix";
  return timed && runs && strategy === "portfolio" ? "served" : "flow";
}
