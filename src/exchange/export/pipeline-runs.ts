import { rateOfLayers } from "../../core/interval-capacity.js";
import { machineOf, type Cluster } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { atMost } from "../../core/tolerance.js";
import type { Refusal } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";

export const NOTHING_FLOWS: Refusal = {
  reason: "no pipeline carries any flow",
  nodes: [],
  layers: [],
  remedy: "Plan again: nothing would run.",
};

/** Nodes that several pipelines pass through. */
export function findShared(file: PlacementFile): Refusal[] {
  const passes = new Map<string, number>();
  for (const { stages } of file.pipelines)
    for (const { node } of stages) passes.set(node, (passes.get(node) ?? 0) + 1);
  return [...passes]
    .filter(([, count]) => count > 1)
    .map(([node, count]) => ({
      reason: `${count} pipelines share the node`,
      nodes: [node],
      layers: heldBy(file, node),
      remedy: "Plan with --chains-only.",
    }));
}

/**
 * Nodes that pipelines enter at different layers, so that no single interval serves all of them; and
 * nodes whose profile is lower for the layers they run than for those they hold.
 */
export function findPartial(cluster: Cluster, file: PlacementFile): Refusal[] {
  const indexById = new Map(cluster.nodes.map(({ id }, index) => [id, index]));
  return [...listRuns(file)].flatMap(([node, runs]): Refusal[] => {
    const [start, end] = runs.intervals[0]!;
    if (runs.intervals.length > 1) {
      const entries = runs.intervals.map((layers) => layers[0]).sort((one, other) => one - other);
      return [
        {
          reason: `pipelines enter the node at layers ${entries.join(" and ")} (overlapping layers)`,
          nodes: [node],
          layers: heldBy(file, node),
          remedy: "Plan with --chains-only, or with --no-partial-inference.",
        },
      ];
    }
    const { capacity } = machineOf(cluster, indexById.get(node)!);
    if (atMost(runs.flow, rateOfLayers(capacity, [start, end]))) return [];
    return [
      {
        reason: `the node runs only [${start}, ${end}) of what it holds, and its profile is slower with so few layers`,
        nodes: [node],
        layers: heldBy(file, node),
        remedy: "Plan with --chains-only, or with --no-partial-inference.",
      },
    ];
  });
}

/** What pipelines run on every node they pass through: different intervals, and the flow of all. */
export function listRuns(
  file: PlacementFile,
): ReadonlyMap<string, { readonly intervals: readonly LayerInterval[]; readonly flow: number }> {
  const runs = new Map<string, { intervals: LayerInterval[]; flow: number }>();
  for (const { flow, stages } of file.pipelines)
    for (const { node, layers } of stages) {
      const run = runs.get(node) ?? { intervals: [], flow: 0 };
      if (!run.intervals.some(([start]) => start === layers[0])) run.intervals.push(layers);
      runs.set(node, { intervals: run.intervals, flow: run.flow + flow });
    }
  return runs;
}

/** Notes on nodes that hold more than they run: the target loads only what they run. */
export function describeTrimmed(file: PlacementFile): readonly string[] {
  const runs = listRuns(file);
  const trimmed = file.nodes.flatMap(({ id, layers }): string[] => {
    const run = runs.get(id)?.intervals[0];
    if (layers === null || run === undefined || run[0] === layers[0]) return [];
    return [`${quoteMarkdown(id)} [${run[0]}, ${run[1]}) of [${layers[0]}, ${layers[1]})`];
  });
  if (trimmed.length === 0) return [];
  return [`Only the layers that are run are loaded, fewer than planned: ${trimmed.join(", ")}.`];
}

function heldBy(file: PlacementFile, id: string): LayerInterval[] {
  const layers = file.nodes.find((node) => node.id === id)?.layers ?? null;
  return layers === null ? [] : [layers];
}
