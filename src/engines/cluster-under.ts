import type { Cluster } from "../core/cluster.js";
import { chooseEngine, type ChosenEngine, type EngineAsked } from "./choose-engine.js";
import { ratesUnder } from "./rates-under.js";

/**
 * The engine that is asked for, or else the cluster's, and the cluster with T(k) as that engine runs its machines: the
 * same one where nothing else is asked for than it says itself.
 * @throws InputError for settings that the engine does not have.
 */
export function clusterUnder(
  whole: Cluster,
  asked: EngineAsked,
): { readonly cluster: Cluster; readonly chosen: ChosenEngine } {
  const chosen = chooseEngine(whole, asked);
  const { engine: own } = whole;
  const { engine, batchTokens, maxSequences } = asked;
  const same =
    (engine === undefined || engine === own?.name) &&
    (batchTokens === undefined || batchTokens === own?.batchTokens) &&
    (maxSequences === undefined || maxSequences === own?.maxSequences);
  if (same) return { cluster: whole, chosen };
  const { engine: _, ...rest } = whole;
  const named = chosen.choice === undefined ? rest : { ...rest, engine: chosen.choice };
  return { cluster: ratesUnder(named, chosen.engine), chosen };
}
