import { COORDINATOR } from "../../core/cluster.js";
import { solveByDinic } from "../../math/flow/dinic.js";
import type { MaxFlow } from "../../math/flow/network.js";
import { usesPartialLinks, type PlanningProblem } from "./problem.js";
import { buildPlacementNetwork, type PlacementNetwork } from "../graph/placement-network.js";
import type { Placement } from "../../core/placement.js";
import { chooseChainLinks } from "./chain-links.js";
import { violatedConstraints, type ConstraintViolation } from "./constraint-check.js";

/** A flow through a placement that keeps the limits on depth and chains. */
export interface ConstrainedFlow {
  /** The placement's own network, capacities untouched; of very many links those of chains alone. */
  readonly built: PlacementNetwork;
  readonly maxFlow: MaxFlow;
  /** Whether no flow through the placement is larger: true unless depth or chains took something away. */
  readonly unrestricted: boolean;
}

/**
 * The max flow of the placement; where its links break maxDepth or chainsOnly, a flow that keeps
 * them: for chains, the widest node-disjoint chains one after another; for depth, the max flow
 * without the weakest link of a pipeline that is too long, until none is. Both are heuristics: the
 * flow is legal, not always the largest legal one. O(links) max flows at worst. Chains of very many
 * nodes are chosen before the network is built (`chooseChainLinks`), and no other link is in it.
 */
export function solveConstrainedFlow(
  problem: PlanningProblem,
  placement: Placement,
): ConstrainedFlow {
  const { built, whole } = buildConstrained(problem, placement);
  const free = solveByDinic(built.network);
  if (limiting(problem, placement, built, free.flow) === undefined)
    return { built, maxFlow: free, unrestricted: whole };
  const capacity = built.network.capacity.slice();
  if (problem.constraints.chainsOnly === true) keepWidestChains(built, placement, capacity);
  for (;;) {
    const maxFlow = solveByDinic({ ...built.network, capacity });
    const found = limiting(problem, placement, built, maxFlow.flow);
    if (found === undefined) return { built, maxFlow, unrestricted: false };
    closeWeakest(built, maxFlow.flow, capacity, found);
  }
}

/** Above this many legal links between nodes, those of chains or hubs stand for them where they can. */
export const MANY_LINKS = 20_000;

function buildConstrained(
  problem: PlanningProblem,
  placement: Placement,
): { readonly built: PlacementNetwork; readonly whole: boolean } {
  const { cluster, constraints } = problem;
  const partialInference = usesPartialLinks(problem);
  const many = constraints.chainsOnly === true && countChainLinks(placement) > MANY_LINKS;
  const predecessors = many ? chooseChainLinks(cluster, placement) : undefined;
  return predecessors === undefined
    ? { built: buildPlacementNetwork(cluster, placement, { partialInference }), whole: true }
    : {
        built: buildPlacementNetwork(cluster, placement, { partialInference, predecessors }),
        whole: false,
      };
}

/** Pairs of nodes one of which ends where the other starts. O(nodes). */
function countChainLinks(placement: Placement): number {
  const ending = new Map<number, number>();
  for (const interval of placement)
    if (interval !== null) ending.set(interval[1], (ending.get(interval[1]) ?? 0) + 1);
  return placement.reduce(
    (sum, interval) => sum + (interval === null ? 0 : (ending.get(interval[0]) ?? 0)),
    0,
  );
}

type FlowViolation = Extract<ConstraintViolation, { kind: "depth" | "chain" }>;

function limiting(
  problem: PlanningProblem,
  placement: Placement,
  built: PlacementNetwork,
  flow: Float64Array,
): FlowViolation | undefined {
  return violatedConstraints(problem, placement, built, flow).find(
    (violation) => violation.kind === "depth" || violation.kind === "chain",
  );
}

/** Takes the link with the least flow out of the pipeline that is too long, or out of the node that splits. */
function closeWeakest(
  { kinds, from, to }: PlacementNetwork,
  flow: Float64Array,
  capacity: Float64Array,
  violation: FlowViolation,
): void {
  const concerned = (arc: number): boolean => {
    if (violation.kind === "depth") {
      const place = violation.pipeline.indexOf(from[arc]!);
      return place >= 0 && to[arc] === violation.pipeline[place + 1];
    }
    return violation.reason === "several-out"
      ? from[arc] === violation.node
      : to[arc] === violation.node;
  };
  let weakest = -1;
  kinds.forEach((kind, arc) => {
    if (kind !== "link" || capacity[arc] === 0 || flow[arc]! <= 0 || !concerned(arc)) return;
    if (weakest < 0 || flow[arc]! < flow[weakest]!) weakest = arc;
  });
  capacity[weakest] = 0;
}

/** Closes every link but those of chains chosen greedily, the widest first. */
function keepWidestChains(
  { kinds, from, to, network }: PlacementNetwork,
  placement: Placement,
  capacity: Float64Array,
): void {
  const width = new Float64Array(placement.length);
  const links: number[] = [];
  kinds.forEach((kind, arc) => {
    if (kind === "link") links.push(arc);
    if (kind !== "compute") return;
    width[from[arc]!] = network.capacity[arc]!;
  });
  const endOf = (node: number): number => (node === COORDINATOR ? 0 : placement[node]![1]);
  links.sort((a, b) => endOf(from[a]!) - endOf(from[b]!));
  const kept = new Set<number>();
  const taken = new Set<number>();
  for (;;) {
    const reach = new Map<number, { width: number; arc: number }>();
    let last: { width: number; arc: number } | undefined;
    for (const arc of links) {
      const [tail, head] = [from[arc]!, to[arc]!];
      const before = tail === COORDINATOR ? Infinity : (reach.get(tail)?.width ?? 0);
      const own = head === COORDINATOR ? Infinity : taken.has(head) ? 0 : width[head]!;
      const wide = Math.min(before, network.capacity[arc]!, own);
      const best = head === COORDINATOR ? last : reach.get(head);
      if (wide <= (best?.width ?? 0)) continue;
      if (head === COORDINATOR) last = { width: wide, arc };
      else reach.set(head, { width: wide, arc });
    }
    if (last === undefined) break;
    for (let arc = last.arc; ; arc = reach.get(from[arc]!)!.arc) {
      kept.add(arc);
      if (from[arc] === COORDINATOR) break;
      taken.add(from[arc]!);
    }
  }
  for (const arc of links) if (!kept.has(arc)) capacity[arc] = 0;
}
