import type { Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import { clusterHolding } from "../core/exact-ends.js";
import type { LayerInterval, Placement } from "../core/placement.js";
import { clusterUnder } from "../engines/cluster-under.js";
import { describeIssues } from "./describe-issues.js";
import { parseJson } from "./parse-json.js";
import { placementFileSchema, type PlacementFile } from "./placement-schema.js";
import { engineOfPlacement } from "./read-engine.js";

/** Text of a placement file → its data. @throws InputError with every problem. */
export function readPlacementFile(source: string, text: string): PlacementFile {
  const json = parseJson(source, text);
  const parsed = placementFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError(source, describeIssues(parsed.error.issues, placementFileSchema, json));
}

/** The layers of a placement file, by node of this cluster; nodes it does not name stay empty. */
export function placementOf(cluster: Cluster, file: PlacementFile): Placement {
  const byId = new Map(file.nodes.map((node) => [node.id, node.layers]));
  return cluster.nodes.map((node): LayerInterval | null => byId.get(node.id) ?? null);
}

/**
 * The cluster by whose figures a placement file was made: with the engine that the file names and what was chosen of it, and see
 * `clusterHolding`.
 */
export function clusterOfPlacement(whole: Cluster, file: PlacementFile): Cluster {
  const planned = engineOfPlacement(file);
  if (planned === undefined) return clusterHolding(whole, placementOf(whole, file));
  const { name: engine, batchTokens, maxSequences } = planned;
  const { cluster } = clusterUnder(whole, {
    engine,
    ...(batchTokens === undefined ? {} : { batchTokens }),
    ...(maxSequences === undefined ? {} : { maxSequences }),
  });
  return clusterHolding(cluster, placementOf(cluster, file));
}

const REMEDY = "Give the cluster file that the placement was made for, or plan again.";

/** @throws InputError for a placement of a model with another number of layers. */
export function requireSameLayers(source: string, cluster: Cluster, file: PlacementFile): void {
  const { layers, name } = cluster.model;
  if (file.model.layers === layers) return;
  throw new InputError(source, [
    {
      path: "model.layers",
      found: `the ${file.model.layers} layers of ${file.model.name}`,
      expected: `the ${layers} layers of ${name}, the model of ${cluster.name}`,
      remedy: REMEDY,
    },
  ]);
}

/**
 * The same for a placement that is to be put under load here.
 * @throws InputError when it is of a model with another number of layers, or gives layers to nodes that the cluster does not have.
 */
export function placementFor(source: string, cluster: Cluster, file: PlacementFile): Placement {
  const known = new Set(cluster.nodes.map(({ id }) => id));
  requireSameLayers(source, cluster, file);
  const problems = file.nodes.flatMap(({ id, layers: held }, at) =>
    held === null || known.has(id)
      ? []
      : [
          {
            path: `nodes[${at}].id`,
            found: `${id}, which ${cluster.name} does not have`,
            expected: "a node of the cluster",
            remedy: REMEDY,
          },
        ],
  );
  if (problems.length > 0) throw new InputError(source, problems);
  return placementOf(cluster, file);
}
