import { nodeId, type Cluster } from "../core/cluster.js";
import { printable } from "../core/printable.js";
import { listUnlinked } from "../core/unlinked.js";
import type { ScenarioResult } from "../market/scenario-result.js";

/** Most node ids named in a line. */
const MOST_NAMES = 4;
const REMEDY = "network.acrossRegions, or network.regions for a pair, would link them";

/** Nodes of a plan that nothing can reach. */
export function describeUnlinked(cluster: Cluster): readonly string[] {
  const nodes = listUnlinked(cluster);
  if (nodes.length === 0) return [];
  const named = nodes.slice(0, MOST_NAMES).map((node) => nodeId(cluster, node));
  const rest = nodes.length - named.length;
  const ids = `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  return [
    printable(
      `  no links lead to and from ${ids}, which ${nodes.length === 1 ? "stays" : "stay"} idle: ${REMEDY}`,
    ),
  ];
}

/** The same of rows of a comparison. */
export function describeUnlinkedRows(
  results: readonly Pick<ScenarioResult, "name" | "unlinked">[],
): readonly string[] {
  const some = results.filter(({ unlinked }) => unlinked !== undefined);
  if (some.length === 0) return [];
  const rows = some.map(({ name, unlinked }) => `${name}: ${unlinked}`).join(", ");
  return [printable(`nodes that no links lead to and from, idle (${rows}): ${REMEDY}`)];
}
