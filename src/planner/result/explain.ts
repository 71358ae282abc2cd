import { machineOf, nodeId, type Cluster, type ClusterNode } from "../../core/cluster.js";
import { findBottleneck } from "../graph/bottleneck.js";
import { evaluateNetwork, type Evaluation } from "../graph/evaluate-placement.js";
import { buildOpenNetwork } from "../problem/measure-throughput.js";
import {
  UNCONSTRAINED,
  type PlacementConstraints,
  type PlanningProblem,
} from "../problem/problem.js";
import type { ArcKind } from "../graph/placement-network.js";
import { findBindingArcs } from "../graph/binding-arcs.js";
import { solveByPushRelabel } from "../../math/flow/push-relabel.js";
import type { LayerInterval, Placement } from "../../core/placement.js";

/** Why a placement carries what it carries, and what would help. Tokens/s. */
export interface Explanation {
  readonly throughput: number;
  /** One minimum cut: together these capacities are the throughput. */
  readonly bottleneck: readonly BindingCapacity[];
  /** Every capacity that is full in some minimum cut; raising all of them together gives `raised`. */
  readonly binding: readonly BindingCapacity[];
  /** Throughput if nothing of `binding` limited any more. */
  readonly raised: number;
  readonly nodes: readonly NodeUse[];
  /** Best first. */
  readonly advice: readonly Advice[];
}

export interface BindingCapacity {
  readonly kind: ArcKind;
  readonly node?: string;
  readonly from?: string;
  readonly to?: string;
  readonly capacity: number;
  readonly marginal: number;
}

export interface NodeUse {
  readonly id: string;
  readonly machine: string;
  readonly layers: LayerInterval | null;
  readonly capacity: number;
  readonly flow: number;
  /** flow / capacity; 0 for empty nodes. */
  readonly utilisation: number;
}

/** A change, with the throughput it was computed to give (the layers of the other nodes stay). */
export interface Advice {
  readonly action: string;
  readonly throughput: number;
  readonly gain: number;
}

/**
 * Explains a placement: cut, utilisation, and changes tried by solving the flow again.
 * One max flow per change; at most a few dozen changes.
 * @param partialInference whether a node may run only the end of its interval.
 * @param constraints what the placement was made under: depth, chains and drained nodes hold for its tokens.
 */
export function explainPlacement(
  cluster: Cluster,
  given: Placement,
  partialInference = true,
  constraints: PlacementConstraints = UNCONSTRAINED,
): Explanation {
  const placement = given.map((interval, node) =>
    constraints.drained.has(node) ? null : interval,
  );
  const evaluation = evaluateUnder({ cluster, partialInference, constraints }, placement);
  const bottleneck = findBottleneck(evaluation).map((arc) => describeArc(cluster, arc));
  const bindingArcs = findBindingArcs(evaluation);
  const binding = bindingArcs.map((arc) => describeArc(cluster, arc));
  return {
    throughput: evaluation.throughput,
    bottleneck,
    binding,
    raised: flowWithout(
      evaluation,
      bindingArcs.map((arc) => arc.arc),
    ),
    nodes: cluster.nodes.map((node, index) =>
      describeUse(cluster, placement, evaluation, node, index),
    ),
    advice: listAdvice({ cluster, partialInference, constraints }, placement, evaluation),
  };
}

function evaluateUnder(problem: PlanningProblem, placement: Placement): Evaluation {
  return evaluateNetwork(problem.cluster, placement, buildOpenNetwork(problem, placement));
}

function describeArc(
  cluster: Cluster,
  arc: { kind: ArcKind; from: number; to: number; capacity: number; marginal: number },
): BindingCapacity {
  const { kind, from, to, capacity, marginal } = arc;
  const place =
    kind === "link"
      ? { from: nodeId(cluster, from), to: nodeId(cluster, to) }
      : { node: nodeId(cluster, from) };
  return { kind, ...place, capacity, marginal };
}

function describeUse(
  cluster: Cluster,
  placement: Placement,
  evaluation: Evaluation,
  node: ClusterNode,
  index: number,
): NodeUse {
  const capacity = evaluation.nodeCapacity[index]!;
  const flow = evaluation.nodeFlow[index]!;
  return {
    id: node.id,
    machine: machineOf(cluster, index).name,
    layers: placement[index] ?? null,
    capacity,
    flow,
    utilisation: capacity === 0 ? 0 : flow / capacity,
  };
}

/** Throughput when the given arcs of the graph have no limit. */
function flowWithout(evaluation: Evaluation, arcs: readonly number[]): number {
  const capacity = evaluation.graph.network.capacity.slice();
  const total = capacity.reduce((sum, value) => (Number.isFinite(value) ? sum + value : sum), 1);
  for (const arc of arcs) capacity[arc] = total;
  const { value } = solveByPushRelabel({ ...evaluation.graph.network, capacity });
  return value >= total ? Infinity : value;
}

/** Most changes tried. */
const MOST_TRIALS = 24;

function listAdvice(
  problem: PlanningProblem,
  placement: Placement,
  evaluation: Evaluation,
): readonly Advice[] {
  const { cluster } = problem;
  const advice: Advice[] = [];
  const groups = new Map<string, number[]>();
  for (const arc of findBindingArcs(evaluation)) {
    if (arc.kind === "link") continue;
    if (arc.from < 0) continue;
    const [start, end] = placement[arc.from]!;
    const key = `${machineOf(cluster, arc.from).name} [${start}, ${end})`;
    const group = groups.get(key) ?? [];
    if (!group.includes(arc.from)) group.push(arc.from);
    groups.set(key, group);
  }
  const twins = [...groups.entries()].slice(0, MOST_TRIALS);
  const everyTwin = twins.map(([, nodes]) => nodes[0]!);
  const trial = (nodes: readonly number[], action: string): void => {
    const extended = withTwins(cluster, placement, nodes);
    const { throughput } = evaluateUnder(
      { ...problem, cluster: extended.cluster },
      extended.placement,
    );
    advice.push({ action, throughput, gain: throughput - evaluation.throughput });
  };
  for (const [key, nodes] of twins) {
    trial([nodes[0]!], `one more ${key} beside ${nodeId(cluster, nodes[0]!)}`);
  }
  if (everyTwin.length > 1) {
    const names = twins.map(([key]) => key).join(", ");
    trial(everyTwin, `one more of each of these together: ${names}`);
  }
  for (const link of findBindingArcs(evaluation)
    .filter((arc) => arc.kind === "link")
    .slice(0, MOST_TRIALS)) {
    const throughput = flowWithout(evaluation, [link.arc]);
    const name = `${nodeId(cluster, link.from)} → ${nodeId(cluster, link.to)}`;
    const gain = throughput - evaluation.throughput;
    advice.push({ action: `a link ${name} that does not limit`, throughput, gain });
  }
  return advice.sort((a, b) => b.gain - a.gain);
}

/** The cluster with a copy of each node given: same machine, region, links and layers. */
function withTwins(
  cluster: Cluster,
  placement: Placement,
  nodes: readonly number[],
): { readonly cluster: Cluster; readonly placement: Placement } {
  const first = cluster.nodes.length;
  const exceptions = new Map(
    [...cluster.network.exceptions].map(([from, row]) => [from, new Map(row)]),
  );
  nodes.forEach((node, offset) => {
    const twin = first + offset;
    for (const row of exceptions.values()) {
      if (row.has(node)) row.set(twin, row.get(node));
    }
    const own = exceptions.get(node);
    if (own !== undefined) exceptions.set(twin, new Map(own));
  });
  return {
    cluster: {
      ...cluster,
      nodes: [
        ...cluster.nodes,
        ...nodes.map((node) => ({
          ...cluster.nodes[node]!,
          id: `another ${nodeId(cluster, node)}`,
        })),
      ],
      network: { ...cluster.network, exceptions },
    },
    placement: [...placement, ...nodes.map((node) => placement[node]!)],
  };
}
