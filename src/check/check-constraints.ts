import { COORDINATOR } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { ClaimedFlow } from "./check-cut.js";
import type { CheckedNodes } from "./check-nodes.js";
import type { Fail } from "./failure.js";

/**
 * What a placement file says it had to respect: pins, drains, nodes per layer, and over the links
 * that carry more than `room` tokens/s, depth and separate chains.
 */
export function checkConstraints(
  file: PlacementFile,
  nodes: CheckedNodes,
  claimed: ClaimedFlow,
  room: number,
  fail: Fail,
): void {
  const { pin = {}, drain = [], maxNodesPerStage, maxDepth, chainsOnly } = file.constraints ?? {};
  const held = (id: string): readonly [number, number] | null | undefined =>
    nodes.intervals[nodes.indexOf.get(id) ?? COORDINATOR];
  for (const [id, [start, end]] of Object.entries(pin)) {
    const interval = held(id);
    if (interval?.[0] !== start || interval[1] !== end) {
      fail("constraints.pin", `"${id}" must hold [${start}, ${end}) and does not`);
    }
  }
  for (const id of drain) {
    if (held(id) !== null) fail("constraints.drain", `"${id}" must stay empty and does not`);
  }
  if (maxNodesPerStage !== undefined) checkStageSize(file, nodes, maxNodesPerStage, fail);
  const carrying = [...claimed.onLink].flatMap(([from, row]) =>
    [...row].filter(([, flow]) => flow > room).map(([to]) => ({ from, to })),
  );
  if (maxDepth !== undefined) checkDepth(nodes, carrying, maxDepth, fail);
  if (chainsOnly === true) checkChains(file, carrying, fail);
}

interface Hop {
  readonly from: number;
  readonly to: number;
}

function checkStageSize(file: PlacementFile, nodes: CheckedNodes, limit: number, fail: Fail): void {
  for (let layer = 0; layer < file.model.layers; layer++) {
    const count = nodes.intervals.filter(
      (interval) => interval !== null && interval[0] <= layer && layer < interval[1],
    ).length;
    if (count > limit) {
      fail("constraints.maxNodesPerStage", `${count} nodes hold layer ${layer}; ${limit} may`);
      return;
    }
  }
}

/** Longest way over carrying links, in nodes: links only lead to later ends, so ends sort the nodes. */
function checkDepth(
  nodes: CheckedNodes,
  carrying: readonly Hop[],
  limit: number,
  fail: Fail,
): void {
  const endOf = (node: number): number =>
    node === COORDINATOR ? -1 : (nodes.intervals[node]?.[1] ?? 0);
  const depth = new Map<number, number>();
  let deepest = 0;
  for (const { from, to } of [...carrying].sort((a, b) => endOf(a.from) - endOf(b.from))) {
    if (to === COORDINATOR) continue;
    const reached = 1 + (from === COORDINATOR ? 0 : (depth.get(from) ?? 0));
    depth.set(to, Math.max(depth.get(to) ?? 0, reached));
    deepest = Math.max(deepest, reached);
  }
  if (deepest > limit) {
    fail("constraints.maxDepth", `tokens may pass ${deepest} nodes; ${limit} are allowed`);
  }
}

function checkChains(file: PlacementFile, carrying: readonly Hop[], fail: Fail): void {
  for (const side of ["from", "to"] as const) {
    const seen = new Set<number>();
    for (const hop of carrying) {
      const node = hop[side];
      if (node === COORDINATOR) continue;
      if (seen.has(node)) {
        const where = side === "from" ? "sends to" : "receives from";
        fail("constraints.chainsOnly", `a node ${where} more than one other`);
        return;
      }
      seen.add(node);
    }
  }
  const held = new Map(file.nodes.map((node) => [node.id, node.layers]));
  for (const { stages } of file.pipelines) {
    for (const { node, layers } of stages) {
      const interval = held.get(node);
      if (interval?.[0] !== layers[0] || interval[1] !== layers[1]) {
        fail("constraints.chainsOnly", `"${node}" runs only a part of its layers`);
        return;
      }
    }
  }
}
