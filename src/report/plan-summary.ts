import type { Cluster } from "../cluster/cluster.js";
import type { PlacementFile } from "../schema/placement-schema.js";
import { formatPercent, formatRate } from "./format-number.js";
import { groupNodes } from "./group-nodes.js";
import { formatTable } from "./table.js";

/** Most node ids named in one table cell. */
const MOST_NAMES = 4;

/** A placement for people: the figures, what binds, and who holds which layers. */
export function summarizePlan(cluster: Cluster, file: PlacementFile): string {
  const lines = [
    `${file.model.name} on ${file.cluster.name}: ${formatRate(file.throughput)} tokens/s`,
    `  proven bound ${formatRate(file.upperBound)} (${file.bound}), gap ${formatPercent(file.gap)}: ${file.status}; ended by ${file.termination} after ${file.solve.seconds.toFixed(1)} s`,
    `  bottleneck: ${describeBottleneck(file)}`,
    `  ${describeDepth(file)}`,
  ];
  const estimated = cluster.machines
    .filter((machine) => machine.capacity.source === "estimated")
    .map((machine) => machine.name);
  if (estimated.length > 0) {
    lines.push(`  estimated, not measured: capacities of ${estimated.join(", ")}`);
  }
  return [...lines, "", formatGroups(cluster, file)].join("\n");
}

/** The minimum cut in a few words. */
export function describeBottleneck(file: PlacementFile): string {
  const shown = file.bottleneck.slice(0, MOST_NAMES).map((arc) => {
    const what =
      arc.kind === "link" ? `link ${arc.from} → ${arc.to}` : `${arc.kind} of ${arc.node}`;
    return `${what} (${formatRate(arc.capacity)})`;
  });
  const rest = file.bottleneck.length - shown.length;
  return shown.join(" + ") + (rest > 0 ? ` + ${rest} more` : "");
}

function describeDepth(file: PlacementFile): string {
  const depths = file.pipelines.map((pipeline) => pipeline.stages.length);
  const least = Math.min(...depths);
  const most = Math.max(...depths);
  const stages = least === most ? `${most}` : `${least} to ${most}`;
  const count = file.pipelines.length;
  return `${count} ${count === 1 ? "pipeline" : "pipelines"} of ${stages} ${most === 1 ? "stage" : "stages"}`;
}

/** Nodes of one machine type with the same layers share a row. */
function formatGroups(cluster: Cluster, file: PlacementFile): string {
  const rows = groupNodes(cluster, file).map((group) => [
    group.layers === null ? "–" : `[${group.layers[0]}, ${group.layers[1]})`,
    `${group.ids.length} × ${cluster.machines[group.machine]!.name}`,
    formatRate(group.capacity),
    formatRate(group.flow),
    group.capacity === 0 ? "–" : `${Math.round((100 * group.flow) / group.capacity)} %`,
    listNames(group.ids),
  ]);
  return formatTable(
    [
      { title: "layers" },
      { title: "nodes" },
      { title: "capacity", align: "right" },
      { title: "flow", align: "right" },
      { title: "used", align: "right" },
      { title: "which" },
    ],
    rows,
  );
}

function listNames(ids: readonly string[]): string {
  const shown = ids.slice(0, MOST_NAMES).join(" ");
  return ids.length > MOST_NAMES ? `${shown} … (${ids.length})` : shown;
}
