import { machineOf, type Cluster } from "../../core/cluster.js";
import type { Solver } from "../../math/lp/solver.js";
import type { Placement } from "../../core/placement.js";
import { BASELINES } from "../../planner/starts/baselines.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { stageStrategy } from "../../planner/coverings/stage-strategy.js";

export interface Candidate {
  readonly name: string;
  readonly placement: Placement;
}

export interface CandidateContext {
  readonly solver: Solver;
  readonly seed: number;
  readonly shouldStop: () => boolean;
}

/** Depths tried beyond the shallowest, for one pipeline and for each of several. */
const DEEPER = [0, 1, 2, 3, 4, 6, 8, 11, 15];
const DEEPER_EACH = [0, 1, 2, 4, 7];
const STEPS = 25;
const MOST_PIPELINES = 4;

/**
 * Placements worth a look: the stages of most flow for many depths, for one pipeline, for several
 * disjoint ones that share out every machine type, and for one per region (regions that cannot hold
 * the model together form one more). Lazily, the most promising kinds first.
 */
export function* listCandidates(
  problem: PlanningProblem,
  context: CandidateContext,
): Generator<Candidate> {
  const { cluster } = problem;
  const all = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !problem.constraints.drained.has(node));
  for (const deeper of DEEPER)
    yield* named(`stages +${deeper}`, sweep(problem, all, deeper, context));
  if (problem.constraints.pins.size === 0) {
    const groupings: (readonly [name: string, groups: readonly (readonly number[])[]])[] = [];
    const regional = groupByRegion(cluster, all);
    if (regional.length > 1) groupings.push(["regions", regional]);
    for (let count = 2; count <= MOST_PIPELINES; count += 1)
      groupings.push([`${count} pipelines`, shareOut(cluster, all, count)]);
    for (const [name, groups] of groupings)
      for (const deeper of DEEPER_EACH)
        yield* named(`${name} +${deeper}`, sideBySide(problem, groups, deeper, context));
  }
}

/** What the known methods place that a goodput plan is to be measured by. */
export function listBaselines(cluster: Cluster): readonly Placement[] {
  return BASELINES.flatMap(({ build, rivalSeeds = [] }) =>
    rivalSeeds.map((seed) => build(cluster, seed)),
  ).flatMap((outcome) => (outcome.kind === "placement" ? [outcome.placement] : []));
}

function* named(name: string, placements: readonly Placement[]): Generator<Candidate> {
  for (const placement of placements) yield { name, placement };
}

/** The placements of aligned stages that the stage model finds on these nodes alone, ever better. */
export function sweep(
  problem: PlanningProblem,
  nodes: readonly number[],
  deeper: number,
  { solver, seed, shouldStop }: CandidateContext,
): readonly Placement[] {
  const shallowest = fewestNodes(problem.cluster, nodes);
  // Stages have several nodes each; chains have one.
  if (shallowest === undefined || problem.constraints.chainsOnly === true) return [];
  const members = new Set(nodes);
  const drained = new Set(
    problem.cluster.nodes.map((_, node) => node).filter((node) => !members.has(node)),
  );
  const maxDepth = Math.min(shallowest + deeper, problem.constraints.maxDepth ?? Infinity);
  const limited = { ...problem, constraints: { ...problem.constraints, drained, maxDepth } };
  const found: Placement[] = [];
  stageStrategy("whole")(limited, {
    solver,
    seed,
    iterations: STEPS,
    shouldStop,
    incumbent: () => undefined,
    upperBound: () => Infinity,
    offerBound: () => undefined,
    offer(placement) {
      found.push(placement);
      return measureThroughput(problem, placement);
    },
  });
  return found;
}

/** One pipeline per group, all equally much deeper than they must be. */
function sideBySide(
  problem: PlanningProblem,
  groups: readonly (readonly number[])[],
  deeper: number,
  context: CandidateContext,
): readonly Placement[] {
  const joint = problem.cluster.nodes.map((): Placement[number] => null);
  for (const group of groups) {
    const best = sweep(problem, group, deeper, context).at(-1);
    if (best === undefined) return [];
    for (const node of group) joint[node] = best[node]!;
  }
  return [joint];
}

/** Fewest of the nodes that hold the model; undefined when all do not. */
function fewestNodes(cluster: Cluster, nodes: readonly number[]): number | undefined {
  let missing = cluster.model.layers;
  let count = 0;
  const most = nodes.map((node) => machineOf(cluster, node).capacity.maxLayers);
  for (const held of most.sort((a, b) => b - a)) {
    if (missing <= 0) break;
    missing -= held;
    count += 1;
  }
  return missing > 0 ? undefined : count;
}

/** Deals the nodes of every machine type and region out in turn. */
function shareOut(
  cluster: Cluster,
  nodes: readonly number[],
  count: number,
): readonly (readonly number[])[] {
  const groups = Array.from({ length: count }, (): number[] => []);
  const order = nodes.toSorted((a, b) => {
    const [x, y] = [cluster.nodes[a]!, cluster.nodes[b]!];
    return x.machine - y.machine || x.region - y.region || a - b;
  });
  order.forEach((node, at) => groups[at % count]!.push(node));
  return groups;
}

/** Regions that hold the model alone, and the others together where they do. */
function groupByRegion(cluster: Cluster, nodes: readonly number[]): readonly (readonly number[])[] {
  const regions = cluster.regions.map((_, region) =>
    nodes.filter((node) => cluster.nodes[node]!.region === region),
  );
  const holds = (group: readonly number[]): boolean => fewestNodes(cluster, group) !== undefined;
  const rest = regions.filter((group) => !holds(group)).flat();
  const groups = regions.filter(holds);
  return holds(rest) ? [...groups, rest] : groups;
}
