import type { Cluster } from "../core/cluster.js";
import { InputError, type Problem } from "../core/errors.js";
import type { LayerInterval, Placement } from "../core/placement.js";
import { changeFileSchema, type ChangeFile } from "./change-schema.js";
import { describeIssues } from "./describe-issues.js";
import { parseJson } from "./parse-json.js";

/** A change by nodes of the cluster as it is now. */
export interface ResolvedChange {
  readonly before: Placement;
  readonly steps: readonly {
    readonly nodes: readonly { readonly node: number; readonly to: LayerInterval | null }[];
    readonly seconds: number;
  }[];
}

/** Text of a change file → its data. @throws InputError with every problem. */
export function readChangeFile(source: string, text: string): ChangeFile {
  const json = parseJson(source, text);
  const parsed = changeFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError(source, describeIssues(parsed.error.issues, changeFileSchema, json));
}

/**
 * The change for this cluster, next to the placement that is said to run.
 * @throws InputError for another model, nodes that the cluster does not have, a node in two steps, layers that the
 * model does not have, and where the placement that runs is not the one that the change starts from.
 */
export function resolveChange(
  source: string,
  cluster: Cluster,
  file: ChangeFile,
  running: Placement,
): ResolvedChange {
  const problems: Problem[] = [];
  const { name, layers } = cluster.model;
  if (file.model.name !== name || file.model.layers !== layers)
    problems.push({
      path: "model",
      found: `${file.model.name} with ${file.model.layers} layers`,
      expected: `${name} with ${layers} layers, the model of ${cluster.name}`,
      remedy: "Give the cluster file for which the change was planned.",
    });
  const byId = new Map(cluster.nodes.map(({ id }, node) => [id, node]));
  const before: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  const find = (id: string, path: string): number | undefined => {
    const node = byId.get(id);
    if (node === undefined)
      problems.push({
        path,
        found: `${id}, which ${cluster.name} does not have`,
        expected: "a node of the cluster",
        remedy: "Give the cluster file for which the change was planned.",
      });
    return node;
  };
  const check = (interval: LayerInterval | null, path: string): void => {
    if (interval === null || (interval[0] < interval[1] && interval[1] <= layers)) return;
    problems.push({
      path,
      found: `[${interval[0]}, ${interval[1]})`,
      expected: `[start, end) with 0 ≤ start < end ≤ ${layers}`,
      remedy: "Plan the change again with helix-place replan --steps.",
    });
  };
  file.before.forEach(({ id, layers: interval }, at) => {
    const node = find(id, `before[${at}].id`);
    check(interval, `before[${at}].layers`);
    if (node !== undefined) before[node] = interval;
  });
  const seen = new Set<number>();
  const steps = file.steps.map((step, at) => ({
    seconds: step.seconds,
    nodes: step.nodes.flatMap(({ id, to }, which) => {
      const path = `steps[${at}].nodes[${which}]`;
      const node = find(id, `${path}.id`);
      check(to, `${path}.to`);
      if (node === undefined) return [];
      if (seen.has(node))
        problems.push({
          path: `${path}.id`,
          found: `${id}, a second time`,
          expected: "each node in one step",
          remedy: "Plan the change again with helix-place replan --steps.",
        });
      seen.add(node);
      return [{ node, to }];
    }),
  }));
  const unlike = cluster.nodes.filter((_, node) => running[node]?.join() !== before[node]?.join());
  if (unlike.length > 0)
    problems.push({
      path: "before",
      found: `a start that differs from the placement given at ${unlike.length} nodes, ${unlike[0]!.id} the first`,
      expected: "the placement that runs before the change",
      remedy: "Give the placement file that was given to helix-place replan.",
    });
  if (problems.length > 0) throw new InputError(source, problems);
  return { before, steps };
}
