import * as z from "zod";
import { machineOf, type Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import type { LayerInterval } from "../core/placement.js";
import { describeIssues, formatPath } from "./describe-issues.js";
import { createProblemList, type ProblemList } from "./problem-list.js";

/** A constraints file: what the planner must leave as it is. */
export const constraintsFileSchema = z.strictObject({
  pin: z
    .record(z.string(), z.tuple([z.int().nonnegative(), z.int().positive()]))
    .optional()
    .describe("node → the layers [start, end) it must hold"),
  drain: z.array(z.string()).optional().describe("nodes that must stay empty"),
  maxDepth: z.int().positive().optional(),
  maxNodesPerStage: z.int().positive().optional(),
  chainsOnly: z.boolean().optional(),
  survive: z
    .strictObject({
      losses: z.int().positive().describe("machines lost together"),
      floor: z.number().positive().max(1).describe("share of the flow that any such loss leaves"),
    })
    .optional()
    .describe("what is left at once when machines are lost, with new routes and nothing loaded"),
});

export type ConstraintsFile = z.infer<typeof constraintsFileSchema>;

/** Pins and drains by node index. */
export interface ResolvedPins {
  readonly pins: ReadonlyMap<number, LayerInterval>;
  readonly drained: ReadonlySet<number>;
}

/** Structure of a constraints file. @throws InputError with every problem. */
export function parseConstraints(source: string, json: unknown): ConstraintsFile {
  const parsed = constraintsFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError(source, describeIssues(parsed.error.issues, constraintsFileSchema, json));
}

/** Node names → indices, intervals checked against model and memory. @throws InputError. */
export function resolvePins(source: string, cluster: Cluster, file: ConstraintsFile): ResolvedPins {
  const list = createProblemList();
  const indexOf = new Map(cluster.nodes.map((node, index) => [node.id, index]));
  const pins = new Map<number, LayerInterval>();
  for (const [id, interval] of Object.entries(file.pin ?? {})) {
    const path = formatPath(["pin", id]);
    const node = lookUp(id, path, indexOf, list);
    if (node === undefined) continue;
    const [start, end] = interval;
    const { byInterval, exactEnds, maxLayers } = machineOf(cluster, node).capacity;
    const room = (byInterval ?? exactEnds)?.mostFrom[start] ?? maxLayers;
    if (start >= end || end > cluster.model.layers) {
      const expected = `[start, end) with 0 ≤ start < end ≤ ${cluster.model.layers}`;
      list.add(path, `[${start}, ${end}]`, expected, "Correct the interval.");
    } else if (end - start > room) {
      list.add(path, `${end - start} layers`, `at most ${room}`, "The machine holds no more.");
    }
    pins.set(node, interval);
  }
  const drained = new Set<number>();
  (file.drain ?? []).forEach((id, index) => {
    const path = `drain[${index}]`;
    const parts = partsOf(cluster, id);
    const node = parts.length > 0 ? undefined : lookUp(id, path, indexOf, list);
    for (const each of node === undefined ? parts : [node]) {
      if (pins.has(each)) list.add(path, id, "a node that is not pinned", "Remove one of the two.");
      drained.add(each);
    }
  });
  if (list.problems.length > 0) throw new InputError(source, list.problems);
  return { pins, drained };
}

/** The nodes of a machine whose cards are shared out. */
function partsOf({ hosts = [], nodes }: Cluster, id: string): readonly number[] {
  const host = hosts.findIndex((each) => each.id === id);
  if (host < 0) return [];
  return [...nodes.keys()].filter((node) => nodes[node]!.part?.host === host);
}

function lookUp(
  id: string,
  path: string,
  indexOf: ReadonlyMap<string, number>,
  list: ProblemList,
): number | undefined {
  const node = indexOf.get(id);
  if (node === undefined) {
    const remedy = list.suggest(id, indexOf.keys(), "Name a node of the cluster.");
    list.add(path, id, "the id of a node of this cluster", remedy);
  }
  return node;
}
