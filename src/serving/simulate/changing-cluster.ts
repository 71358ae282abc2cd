import { clusterAsHeld } from "../../core/cluster-as-held.js";
import { COORDINATOR, type Cluster, type Link } from "../../core/cluster.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { evaluateNetwork, type LinkFlow } from "../../planner/graph/evaluate-placement.js";
import { buildOpenNetwork } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import type { SimulatedChange, SimulatedStep } from "./simulation-input.js";

/** Steps by which a placement changes under load: nodes that stop, load for so long, and hold other layers then. */
export interface PlannedChange {
  readonly steps: readonly {
    readonly nodes: readonly { readonly node: number; readonly to: LayerInterval | null }[];
    readonly seconds: number;
  }[];
  /** How long requests under way may go on over nodes that are to stop. */
  readonly drainSeconds: number;
}

/** What a run needs of a change; see `SimulatedChange`. */
export interface ChangingCluster {
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly links: readonly LinkFlow[];
  readonly change: SimulatedChange;
  /** Tokens/s before the first step. */
  readonly throughput: number;
}

const NEGLIGIBLE_SHARE = 1e-9;

/** The cluster with every node that will hold other layers once more, behind the others, in the order of the steps. */
export function doubleNodes(cluster: Cluster, { steps }: PlannedChange): Cluster {
  const again = listAgain(steps);
  const { exceptions } = cluster.network;
  const twins = new Map(again.map((node, at) => [node, cluster.nodes.length + at]));
  const both = (node: number): readonly number[] =>
    node !== COORDINATOR && twins.has(node) ? [node, twins.get(node)!] : [node];
  const doubled = new Map<number, ReadonlyMap<number, Link | undefined>>();
  for (const [from, row] of exceptions) {
    const wider = new Map([...row].flatMap(([to, link]) => both(to).map((each) => [each, link])));
    for (const each of both(from)) doubled.set(each, wider);
  }
  return {
    ...cluster,
    nodes: [
      ...cluster.nodes,
      ...again.map((node) => ({
        ...cluster.nodes[node]!,
        id: `${cluster.nodes[node]!.id} (changed)`,
      })),
    ],
    network: { ...cluster.network, exceptions: doubled },
  };
}

/** Routes and flows of every step, each node that changes as two. One max flow and its quickest routes per placement on the way. */
export function prepareChange(
  problem: PlanningProblem,
  before: Placement,
  planned: PlannedChange,
  atSeconds: number,
): ChangingCluster {
  const { cluster } = problem;
  const again = listAgain(planned.steps);
  const twin = new Map(again.map((node, at) => [node, cluster.nodes.length + at]));
  const now = [...before];
  const changed = new Set<number>();
  let throughput = 0;
  const route = (): readonly LinkFlow[] => {
    const held = clusterAsHeld(cluster, now);
    const network = buildOpenNetwork({ ...problem, cluster: held }, now);
    const evaluation = evaluateNetwork(held, now, network);
    throughput = evaluation.throughput;
    const name = (node: number): number => (changed.has(node) ? twin.get(node)! : node);
    return evaluation.links
      .filter(({ flow }) => flow > NEGLIGIBLE_SHARE * throughput)
      .map((link) => ({ ...link, from: name(link.from), to: name(link.to) }));
  };
  const first = route();
  const throughputBefore = throughput;
  const steps = planned.steps.map(({ nodes, seconds }): SimulatedStep => {
    for (const { node } of nodes) now[node] = null;
    const during = route();
    for (const { node, to } of nodes) {
      now[node] = to;
      if (to !== null) changed.add(node);
    }
    return { leaving: nodes.map(({ node }) => node), seconds, during, after: route() };
  });
  const all = new Map(
    [first, ...steps.flatMap(({ during, after }) => [during, after])]
      .flat()
      .map((link): [string, LinkFlow] => [`${link.from} ${link.to}`, { ...link, flow: 0 }]),
  );
  for (const link of first) all.set(`${link.from} ${link.to}`, link);
  const doubled = doubleNodes(cluster, planned);
  const placement = [...before, ...again.map((node) => now[node]!)];
  return {
    cluster: clusterAsHeld(doubled, placement),
    placement,
    links: [...all.values()],
    change: { atSeconds, drainSeconds: planned.drainSeconds, steps },
    throughput: throughputBefore,
  };
}

function listAgain(steps: PlannedChange["steps"]): readonly number[] {
  return steps.flatMap(({ nodes }) =>
    nodes.filter(({ to }) => to !== null).map(({ node }) => node),
  );
}
