import type { Cluster } from "../../../core/cluster.js";
import type { ChainBatching, Engine } from "../../../engines/engine.js";
import type { Lengths } from "../../../model/lengths.js";
import { simulateChains } from "../../simulate/chains/simulate-chains.js";
import type { SimulationResult } from "../../simulate/result.js";
import type { SimulationInput } from "../../simulate/simulation-input.js";
import type { PlannedChain } from "./chain-layers.js";
import { placeOnTrial } from "./place-chains.js";

/** An engine of chains. */
export type ChainEngineOf = Engine & { readonly batching: ChainBatching };

/** What a chain is put under, from when to when. */
type ChainLoad = Pick<
  SimulationInput,
  "traffic" | "begins" | "seed" | "warmupSeconds" | "durationSeconds"
>;

/** One chain by itself under load. O(tokens made + batches · stages). */
export function runAlone(
  {
    cluster,
    engine,
    lengths,
  }: { readonly cluster: Cluster; readonly engine: ChainEngineOf; readonly lengths: Lengths },
  chain: PlannedChain,
  load: ChainLoad,
): SimulationResult {
  return simulateChains(
    {
      cluster,
      placement: placeOnTrial(cluster, chain),
      links: [],
      scheduler: "helix",
      batching: "continuous",
      lengths,
      ...load,
      stopAtEnd: true,
      highWaterMark: 1,
      outputRatio: 1,
      meanOutputTokens: lengths.meanOutputTokens,
    },
    [{ nodes: chain.nodes, flow: 1 }],
    engine,
  );
}
