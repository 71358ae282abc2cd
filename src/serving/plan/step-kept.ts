import type { Cluster } from "../../core/cluster.js";
import { chooseEngine, type EngineAsked } from "../../engines/choose-engine.js";

/** The size of a step that a change keeps, where a plan would choose one: what serves most with it may not with another. */
export function stepKept(cluster: Cluster, asked: EngineAsked): number | undefined {
  const { batching } = chooseEngine(cluster, asked).engine;
  if (batching.kind !== "chain" || batching.stepIsFixed === true) return undefined;
  return batching.batchTokens;
}
