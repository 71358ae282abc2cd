import type { Placement } from "../../core/placement.js";
import { evaluateNetwork } from "../graph/evaluate-placement.js";
import { keepCarryingLinks } from "../graph/open-links.js";
import { listPipelines } from "../graph/pipelines.js";
import { buildPlacementNetwork } from "../graph/placement-network.js";
import { solveConstrainedFlow } from "./constrained-flow.js";
import { listMachines } from "./list-machines.js";
import { limitsRoutes, measureFlow } from "./measure-flow.js";
import type { PlanningProblem, SurvivalRule } from "./problem.js";

/** What is left when machines are lost that leave the least: new routes, nothing loaded. */
export interface WorstLoss {
  /** The nodes lost: all parts of every machine lost. */
  readonly nodes: readonly number[];
  /** Tokens/s. */
  readonly throughput: number;
}

/** The least of a floor that counts as kept: what rounding may take. */
const KEPT = 1 - 1e-9;

/** Whether every loss of so many machines leaves the share of the placement's own flow that was asked for. */
export function survivesLosses(
  problem: PlanningProblem,
  placement: Placement,
  { losses, floor }: SurvivalRule,
): boolean {
  const flows = measureLeft(problem, placement);
  return findWorst(flows, losses, floor * flows.throughput * KEPT, true) === undefined;
}

/**
 * The loss of so many machines (or of all that hold layers, where these are fewer) that leaves least. A loss leaves at least
 * what did not pass through the machines lost, so only those are looked at that could be the worst: one max flow each.
 */
export function findWorstLoss(
  problem: PlanningProblem,
  placement: Placement,
  losses: number,
): WorstLoss {
  const flows = measureLeft(problem, placement);
  return findWorst(flows, losses, Infinity, false) ?? { nodes: [], throughput: 0 };
}

/** What losses leave of a placement. */
interface LeftFlows {
  readonly throughput: number;
  /** Machines that hold layers: their nodes, and what passes through these. */
  readonly machines: readonly (readonly number[])[];
  readonly through: readonly number[];
  /** Tokens/s without these nodes. */
  left(nodes: readonly number[]): number;
}

/** The loss that leaves least, or the first one met (`any`), of those that leave less than `below`; undefined where none does. */
function findWorst(
  { throughput, machines, through, left }: LeftFlows,
  losses: number,
  below: number,
  any: boolean,
): WorstLoss | undefined {
  const order = [...machines.keys()].sort((a, b) => through[b]! - through[a]!);
  const count = Math.min(losses, order.length);
  let worst: WorstLoss | undefined;
  let least = below;
  /** What the next so many machines in the order carry at most. */
  const ahead = (from: number, some: number): number => {
    let sum = 0;
    for (let at = from; at < from + some; at++) sum += through[order[at]!]!;
    return sum;
  };
  const visit = (from: number, lost: readonly number[], carried: number): void => {
    const open = count - lost.length;
    if (open === 0) {
      const nodes = lost.flatMap((machine) => machines[machine]!);
      const rest = left(nodes);
      if (rest >= least) return;
      least = rest;
      worst = { nodes, throughput: rest };
      return;
    }
    for (let at = from; at + open <= order.length; at++) {
      const settled = any && worst !== undefined;
      if (settled || throughput - carried - ahead(at, open) >= least) return;
      visit(at + 1, [...lost, order[at]!], carried + through[order[at]!]!);
    }
  };
  if (count > 0) visit(0, [], 0);
  return worst;
}

function measureLeft(problem: PlanningProblem, placement: Placement): LeftFlows {
  const { cluster, constraints } = problem;
  const limited = limitsRoutes(problem);
  const constrained = limited ? solveConstrainedFlow(problem, placement) : undefined;
  const network =
    constrained === undefined
      ? buildPlacementNetwork(cluster, placement, problem)
      : keepCarryingLinks(constrained.built, constrained.maxFlow.flow);
  const evaluation = evaluateNetwork(cluster, placement, network);
  const machines = listMachines(cluster)
    .map((nodes) => nodes.filter((node) => placement[node] !== null))
    .filter((nodes) => nodes.length > 0);
  const rest: PlanningProblem = {
    ...problem,
    constraints: { ...constraints, pins: new Map() },
  };
  // Where not every way is allowed, what is left are the pipelines that a loss does not touch.
  const pipelines = limited ? listPipelines(placement, evaluation) : [];
  return {
    throughput: evaluation.throughput,
    machines,
    through: machines.map((nodes) =>
      nodes.reduce((sum, node) => sum + evaluation.nodeFlow[node]!, 0),
    ),
    left(nodes) {
      const lost = new Set(nodes);
      if (!limited)
        return measureFlow(
          rest,
          placement.map((interval, node) => (lost.has(node) ? null : interval)),
        );
      return pipelines
        .filter(({ stages }) => stages.every(({ node }) => !lost.has(node)))
        .reduce((sum, { flow }) => sum + flow, 0);
    },
  };
}
