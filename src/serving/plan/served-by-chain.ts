import type { Cluster } from "../../core/cluster.js";
import type { EngineName } from "../../core/engine-choice.js";
import { InputError } from "../../core/errors.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { engineOfPlacement } from "../../formats/read-engine.js";
import { placementOf } from "../../formats/read-placement.js";
import { constraintsOf } from "../../planner/result/constraints-of.js";
import { weighPlacement } from "../simulate/simulate-placement.js";

/**
 * What each chain of a placement serves at full load, in a unit of its own, by the id of its first node: the weights of balancers.
 * Empty where the engine runs no chains, and for machines without curves, which cannot be simulated: then flows are all that is known.
 * @param engine that runs it. Default that of the cluster.
 */
export function servedByChain(
  cluster: Cluster,
  file: PlacementFile,
  engine?: EngineName,
): ReadonlyMap<string, number> {
  const planned = engineOfPlacement(file);
  const asPlanned = (engine ?? cluster.engine?.name) === planned?.name;
  const batchTokens = asPlanned ? (cluster.engine?.batchTokens ?? planned?.batchTokens) : undefined;
  try {
    const rates = weighPlacement(cluster, placementOf(cluster, file), {
      partialInference: file.partialInference !== false,
      constraints: constraintsOf(cluster, file),
      ...(engine === undefined ? {} : { engine }),
      ...(batchTokens === undefined ? {} : { batchTokens }),
    });
    return new Map([...rates].map(([node, rate]) => [cluster.nodes[node]!.id, rate]));
  } catch (error) {
    if (error instanceof InputError) return new Map();
    throw error;
  }
}
