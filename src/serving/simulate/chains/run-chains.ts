import { nodeId } from "../../../core/cluster.js";
import { InputError } from "../../../core/errors.js";
import type { ChainBatching, Engine } from "../../../engines/engine.js";
import type { SimulationResult } from "../result.js";
import type { SimulationInput } from "../simulation-input.js";
import { listChains } from "./chain.js";
import { simulateChains } from "./simulate-chains.js";

/** @throws InputError when the placement's pipelines share nodes: no chain engine runs that. */
export function runChains(
  input: SimulationInput,
  { title, name, overhead }: Engine,
  batching: ChainBatching,
): SimulationResult {
  const { cluster, placement, links } = input;
  const { chains, inTheWay } = listChains(placement, links);
  if (inTheWay.length > 0) {
    throw new InputError(
      "placement",
      inTheWay.map(({ node, reason }) => ({
        path: `nodes.${nodeId(cluster, node)}`,
        found: REASONS[reason],
        expected: `pipelines that share no node: ${title} runs nothing else`,
        remedy: `Plan with --engine ${name}, or simulate the runtime it was planned for.`,
      })),
    );
  }
  return simulateChains(input, chains, { batching, overhead });
}

const REASONS = {
  "several-ways-in": "requests come to it from several nodes",
  "several-ways-out": "requests go from it to several nodes",
  "entered-in-the-middle": "requests enter it behind its first layer",
} as const;
