import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { columnsAsHtml, figures, type Column } from "./columns.js";
import { formatCount, formatPercent, formatRate } from "./format-number.js";
import { foldable } from "./html/page.js";

type PlacedNode = PlacementFile["nodes"][number];

/** Most nodes in a table of a report. */
const MOST_ROWS = 2000;

/** What a placement says of each node, folded away. */
export function renderPlacedNodes(cluster: Cluster, { nodes }: PlacementFile): string {
  const machineOf = new Map(
    cluster.nodes.map((node) => [node.id, cluster.machines[node.machine]!.name]),
  );
  const columns: readonly Column<PlacedNode>[] = [
    { title: "node", text: ({ id }) => id },
    { title: "machine", text: ({ id }) => machineOf.get(id) ?? "" },
    {
      title: "layers",
      value: ({ layers }) => layers?.[0],
      text: ({ layers }) => `[${layers![0]}, ${layers![1]})`,
    },
    figures("capacity, tokens/s", ({ capacity }) => capacity, formatRate),
    figures("flow, tokens/s", ({ flow }) => flow, formatRate),
    figures("used", ({ capacity, flow }) => (capacity === 0 ? 0 : flow / capacity), formatPercent),
  ];
  const count = formatCount(nodes.length);
  const summary =
    nodes.length > MOST_ROWS
      ? `The first ${formatCount(MOST_ROWS)} of ${count} nodes`
      : `All ${count} nodes`;
  return foldable(summary, columnsAsHtml("Nodes", columns, nodes.slice(0, MOST_ROWS)));
}
