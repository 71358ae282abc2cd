import { COORDINATOR } from "../../core/cluster.js";
import type { PlacementNetwork } from "../graph/placement-network.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { PlanningProblem } from "./problem.js";

/** One way in which a placement, or the flow through it, breaks what was asked for. */
export type ConstraintViolation =
  | {
      readonly kind: "pin";
      readonly node: number;
      readonly wanted: LayerInterval;
      readonly found: LayerInterval | null;
    }
  | { readonly kind: "drain"; readonly node: number; readonly found: LayerInterval }
  | {
      readonly kind: "stage-size";
      readonly layer: number;
      readonly nodes: number;
      readonly limit: number;
    }
  | {
      readonly kind: "depth";
      /** A longest pipeline, from its first node to its last. */
      readonly pipeline: readonly number[];
      readonly limit: number;
    }
  | {
      readonly kind: "chain";
      readonly node: number;
      readonly reason: "several-in" | "several-out" | "partial-link";
    };

/**
 * What a placement and the flow through it break, by definition and with no help from any search:
 * - pin: the node does not hold its interval; drain: it holds one.
 * - stage-size: more than maxNodesPerStage nodes hold a layer, used or not.
 * - depth: the longest path over links that carry flow has more than maxDepth nodes. Links without
 *   flow do not count: no token travels there. Nor is it asked that a single token makes the whole
 *   way: any path of carrying links may be a token's.
 * - chain: with chainsOnly, a node that carries flow has carrying links from two nodes, or to two,
 *   or one that enters it behind its first layer (e_i ≠ s_j). The coordinator counts as a node.
 *
 * A link carries flow above 1e-6 of the throughput. The flow must be a flow of `built.network`.
 * O(nodes · layers + arcs).
 */
export function violatedConstraints(
  problem: PlanningProblem,
  placement: Placement,
  built: PlacementNetwork,
  flow: Float64Array,
): readonly ConstraintViolation[] {
  const links = carryingLinks(built, flow);
  return [
    ...checkHeld(problem, placement),
    ...checkStageSizes(problem, placement),
    ...checkDepth(problem, placement, links),
    ...checkChains(problem, placement, links),
  ];
}

interface CarryingLink {
  readonly from: number;
  readonly to: number;
}

function carryingLinks(built: PlacementNetwork, flow: Float64Array): readonly CarryingLink[] {
  let throughput = 0;
  built.kinds.forEach((kind, arc) => {
    if (kind === "link" && built.from[arc] === COORDINATOR) throughput += flow[arc]!;
  });
  const links: CarryingLink[] = [];
  built.kinds.forEach((kind, arc) => {
    if (kind !== "link" || flow[arc]! <= RELATIVE_TOLERANCE * throughput) return;
    links.push({ from: built.from[arc]!, to: built.to[arc]! });
  });
  return links;
}

/** Pins and drains alone; they need no flow. */
export function checkHeld(
  { constraints }: PlanningProblem,
  placement: Placement,
): readonly ConstraintViolation[] {
  const found: ConstraintViolation[] = [];
  for (const [node, wanted] of constraints.pins) {
    const interval = placement[node] ?? null;
    if (interval?.[0] !== wanted[0] || interval[1] !== wanted[1])
      found.push({ kind: "pin", node, wanted, found: interval });
  }
  for (const node of constraints.drained) {
    const interval = placement[node] ?? null;
    if (interval !== null) found.push({ kind: "drain", node, found: interval });
  }
  return found;
}

/** Nodes per layer alone; it needs no flow. */
export function checkStageSizes(
  { cluster, constraints }: PlanningProblem,
  placement: Placement,
): readonly ConstraintViolation[] {
  const limit = constraints.maxNodesPerStage;
  if (limit === undefined) return [];
  const found: ConstraintViolation[] = [];
  for (let layer = 0; layer < cluster.model.layers; layer++) {
    const nodes = placement.filter(
      (interval) => interval !== null && interval[0] <= layer && layer < interval[1],
    ).length;
    if (nodes > limit) found.push({ kind: "stage-size", layer, nodes, limit });
  }
  return found;
}

function checkDepth(
  { constraints }: PlanningProblem,
  placement: Placement,
  links: readonly CarryingLink[],
): readonly ConstraintViolation[] {
  const limit = constraints.maxDepth;
  if (limit === undefined) return [];
  const pipeline = longestPipeline(placement, links);
  return pipeline.length > limit ? [{ kind: "depth", pipeline, limit }] : [];
}

/** A longest path of nodes over the links given; e grows along every link, so there are no cycles. */
function longestPipeline(placement: Placement, links: readonly CarryingLink[]): readonly number[] {
  const stages = new Map<number, number>();
  const before = new Map<number, number>();
  const endOf = (node: number): number => (node === COORDINATOR ? 0 : placement[node]![1]);
  let last: number | undefined;
  for (const { from, to } of [...links].sort((a, b) => endOf(a.from) - endOf(b.from))) {
    if (to === COORDINATOR) continue;
    const depth = 1 + (from === COORDINATOR ? 0 : (stages.get(from) ?? 1));
    if (depth <= (stages.get(to) ?? 0)) continue;
    stages.set(to, depth);
    before.set(to, from);
  }
  for (const [node, depth] of stages)
    if (last === undefined || depth > stages.get(last)!) last = node;
  const pipeline: number[] = [];
  for (let node = last; node !== undefined && node !== COORDINATOR; node = before.get(node))
    pipeline.unshift(node);
  return pipeline;
}

function checkChains(
  { constraints }: PlanningProblem,
  placement: Placement,
  links: readonly CarryingLink[],
): readonly ConstraintViolation[] {
  if (constraints.chainsOnly !== true) return [];
  const found: ConstraintViolation[] = [];
  const ins = new Map<number, number>();
  const outs = new Map<number, number>();
  for (const { from, to } of links) {
    outs.set(from, (outs.get(from) ?? 0) + 1);
    ins.set(to, (ins.get(to) ?? 0) + 1);
    if (from === COORDINATOR || to === COORDINATOR) continue;
    if (placement[from]![1] !== placement[to]![0])
      found.push({ kind: "chain", node: to, reason: "partial-link" });
  }
  for (const [node, count] of ins)
    if (node !== COORDINATOR && count > 1)
      found.push({ kind: "chain", node, reason: "several-in" });
  for (const [node, count] of outs)
    if (node !== COORDINATOR && count > 1)
      found.push({ kind: "chain", node, reason: "several-out" });
  return found;
}
