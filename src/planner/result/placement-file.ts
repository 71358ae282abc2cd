import {
  COORDINATOR,
  hostOf,
  linkBetween,
  machineOf,
  nodeId,
  type Cluster,
} from "../../core/cluster.js";
import { caveatsOf } from "../../core/estimate-notes.js";
import { findBottleneck } from "../graph/bottleneck.js";
import type { Evaluation, LinkFlow } from "../graph/evaluate-placement.js";
import { listPipelines } from "../graph/pipelines.js";
import { deriveRoutingWeights } from "../graph/routing-weights.js";
import { kvTokensOfLayers } from "../../core/interval-capacity.js";
import type { Placement } from "../../core/placement.js";
import { evaluateOpen } from "../problem/measure-throughput.js";
import { findWorstLoss } from "../problem/worst-loss.js";
import type { PlanningProblem } from "../problem/problem.js";
import { PLACEMENT_FORMAT, type PlacementFile } from "../../formats/placement-schema.js";

/** Above this many links only those that carry flow are listed. */
const MOST_LISTED_LINKS = 20_000;

/** What the planner knows of a placement beyond the placement itself. */
export interface PlanFacts {
  readonly clusterSha256: string;
  readonly objective: PlacementFile["objective"];
  readonly problem: PlanningProblem;
  readonly upperBound: number;
  readonly boundName: string;
  readonly gapAsked: number;
  readonly termination: PlacementFile["termination"];
  readonly solve: PlacementFile["solve"];
  /** What it serves, by model or simulation. */
  readonly estimate?: PlacementFile["estimate"];
  readonly engine?: PlacementFile["engine"];
  readonly engineSettings?: PlacementFile["engineSettings"];
  readonly served?: PlacementFile["served"];
  readonly latency?: PlacementFile["latency"];
  /** What was planned without the losses to survive. */
  readonly without?: NonNullable<PlacementFile["survival"]>["without"];
}

/**
 * The placement file of a placement: its certified flow, routing, pipelines and bottleneck.
 * A bound below the flow by rounding alone is lifted to it.
 */
export function describePlacement(
  cluster: Cluster,
  placement: Placement,
  facts: PlanFacts,
): PlacementFile {
  const { problem } = facts;
  const { carried: evaluation, cut } = evaluateOpen(problem, placement);
  const constraints = describeConstraints(problem);
  const throughput = evaluation.throughput;
  const upperBound = Math.max(facts.upperBound, throughput);
  const gap = upperBound === 0 ? 0 : (upperBound - throughput) / upperBound;
  const name = (node: number): string => nodeId(cluster, node);
  return {
    format: PLACEMENT_FORMAT,
    cluster: { name: cluster.name, sha256: facts.clusterSha256 },
    model: { name: cluster.model.name, layers: cluster.model.layers },
    objective: facts.objective,
    ...(facts.engine === undefined ? {} : { engine: facts.engine }),
    ...(facts.engineSettings === undefined ? {} : { engineSettings: facts.engineSettings }),
    ...(problem.partialInference ? {} : { partialInference: false as const }),
    ...(constraints === undefined ? {} : { constraints }),
    throughput,
    upperBound,
    gap,
    bound: facts.boundName,
    status: gap <= facts.gapAsked ? "optimal" : "feasible",
    termination: facts.termination,
    nodes: describeNodes(cluster, placement, evaluation),
    links: describeLinks(cluster, evaluation),
    routing: Object.fromEntries(
      deriveRoutingWeights(evaluation).map(({ from, hops }) => [
        name(from),
        hops.map(({ to, weight }) => ({ to: name(to), weight })),
      ]),
    ),
    pipelines: listPipelines(placement, evaluation).map(({ flow, stages }) => ({
      weight: flow / throughput,
      flow,
      stages: stages.map(({ node, layers }) => ({
        node: name(node),
        layers: [layers[0], layers[1]] as [number, number],
      })),
    })),
    bottleneck: findBottleneck(cut).map(({ kind, from, to, capacity, marginal }) => ({
      kind,
      ...(kind === "link" ? { from: name(from), to: name(to) } : { node: name(from) }),
      capacity,
      marginal,
    })),
    ...describeAssumptions(cluster),
    ...(facts.estimate === undefined ? {} : { estimate: facts.estimate }),
    ...(facts.served === undefined ? {} : { served: facts.served }),
    ...(facts.latency === undefined ? {} : { latency: facts.latency }),
    ...describeSurvival(placement, facts),
    solve: facts.solve,
  };
}

/** What the worst loss leaves, where losses were to be survived. */
function describeSurvival(
  placement: Placement,
  { problem, without }: PlanFacts,
): Pick<PlacementFile, "survival"> {
  const { survive } = problem.constraints;
  if (survive === undefined) return {};
  const { nodes, throughput } = findWorstLoss(problem, placement, survive.losses);
  const { cluster } = problem;
  const machines = new Set(
    nodes.map((node) => cluster.hosts?.[hostOf(cluster, node)]?.id ?? nodeId(cluster, node)),
  );
  const worst = { lost: [...machines], throughput };
  return { survival: { worst, ...(without === undefined ? {} : { without }) } };
}

function describeAssumptions(cluster: Cluster): Pick<PlacementFile, "assumptions"> {
  const assumptions = caveatsOf(cluster);
  return assumptions.length === 0 ? {} : { assumptions: assumptions.map((each) => ({ ...each })) };
}

function describeConstraints({
  cluster,
  constraints,
}: PlanningProblem): PlacementFile["constraints"] | undefined {
  const { pins, drained, maxDepth, maxNodesPerStage, chainsOnly, survive } = constraints;
  const described = {
    ...(pins.size === 0
      ? {}
      : {
          pin: Object.fromEntries(
            [...pins].map(([node, [start, end]]): [string, [number, number]] => [
              nodeId(cluster, node),
              [start, end],
            ]),
          ),
        }),
    ...(drained.size === 0 ? {} : { drain: [...drained].map((node) => nodeId(cluster, node)) }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
    ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
    ...(chainsOnly === true ? { chainsOnly } : {}),
    ...(survive === undefined ? {} : { survive: { ...survive } }),
  };
  return Object.keys(described).length === 0 ? undefined : described;
}

function describeNodes(
  cluster: Cluster,
  placement: Placement,
  evaluation: Evaluation,
): PlacementFile["nodes"] {
  return placement.map((interval, node) => {
    const id = nodeId(cluster, node);
    const named = { id, ...describePart(cluster, node) };
    if (interval === null) return { ...named, layers: null, capacity: 0, flow: 0 };
    const kv = kvTokensOfLayers(machineOf(cluster, node).capacity, interval);
    return {
      ...named,
      layers: [interval[0], interval[1]],
      capacity: evaluation.nodeCapacity[node]!,
      flow: evaluation.nodeFlow[node]!,
      ...(kv === undefined ? {} : { kvCacheTokens: kv }),
    };
  });
}

/** Which cards of which machine the node is. */
function describePart(
  cluster: Cluster,
  node: number,
): Pick<PlacementFile["nodes"][number], "machine" | "cards"> {
  const { part } = cluster.nodes[node]!;
  if (part === undefined) return {};
  return {
    machine: cluster.hosts![part.host]!.id,
    cards: Array.from({ length: part.count }, (_, index) => part.first + index),
  };
}

/** Tokens/s of a link by itself, whoever else uses the wire. */
function linkCapacity(cluster: Cluster, { from, to, capacity }: LinkFlow): number {
  if (hostOf(cluster, from) < 0 && hostOf(cluster, to) < 0) return capacity;
  const { activationBytes, tokenBytes } = cluster.model;
  const bytes = from === COORDINATOR || to === COORDINATOR ? tokenBytes : activationBytes;
  return linkBetween(cluster, from, to)!.bandwidthBytesPerSecond / bytes;
}

function describeLinks(cluster: Cluster, evaluation: Evaluation): PlacementFile["links"] {
  const all = evaluation.links.length <= MOST_LISTED_LINKS;
  return evaluation.links
    .filter((link) => all || link.flow > 0)
    .map((link) => ({
      from: nodeId(cluster, link.from),
      to: nodeId(cluster, link.to),
      capacity: linkCapacity(cluster, link),
      flow: link.flow,
    }));
}
