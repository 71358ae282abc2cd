import { loadCluster } from "../../../src/formats/load-cluster.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { linkBetween, COORDINATOR } from "../../../src/core/cluster.js";
import type { ImportOutcome } from "../../../src/exchange/import/import-outcome.js";

type Imported = Extract<ImportOutcome, { kind: "cluster" }>;

/** The outcome's cluster file, or a failure that shows its problems. */
export function expectCluster(outcome: ImportOutcome): Imported {
  if (outcome.kind !== "cluster") throw new Error(JSON.stringify(outcome.problems, null, 1));
  return outcome;
}

/** The cluster as the planner sees it: written, read back, and able to hold the model. */
export function readBack(outcome: ImportOutcome): Cluster {
  const { file } = expectCluster(outcome);
  const { cluster } = loadCluster("imported", JSON.stringify(file, null, 2));
  const held = cluster.nodes.reduce(
    (sum, node) => sum + cluster.machines[node.machine]!.capacity.maxLayers,
    0,
  );
  if (held < cluster.model.layers) throw new Error(`${held} of ${cluster.model.layers} layers fit`);
  const reached = cluster.nodes.some(
    (_, node) => linkBetween(cluster, COORDINATOR, node) !== undefined,
  );
  const answered = cluster.nodes.some(
    (_, node) => linkBetween(cluster, node, COORDINATOR) !== undefined,
  );
  if (!reached || !answered) throw new Error("the coordinator reaches no node");
  return cluster;
}

/** Where the problems of an outcome are. */
export function problemPaths(outcome: {
  readonly kind: string;
  readonly problems?: readonly { readonly path: string }[];
}): readonly string[] {
  return outcome.problems?.map(({ path }) => path) ?? [];
}
