import { computeSumBound, depthBound, truncatedSumBound } from "./compute-bounds.js";
import { choiceBound } from "./choice-bound.js";
import { configurationBound } from "./configuration-lp.js";
import { groupMachines } from "../problem/machine-classes.js";
import { limitPolls, roundsFor } from "../problem/limit-polls.js";
import type { Strategy } from "../problem/strategy.js";

/**
 * Bounds on compute alone, cheapest first: valid whatever the network is. Milliseconds, and
 * independent of the number of nodes.
 */
export const computeBoundStrategy: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  const { layers, tokenBytes } = cluster.model;
  const { maxDepth, maxNodesPerStage } = constraints;
  const classes = groupMachines(cluster, constraints);
  context.offerBound(cluster.coordinator.nicBytesPerSecond / tokenBytes, "coordinator NIC");
  context.offerBound(computeSumBound(classes, layers), "compute sum");
  context.offerBound(truncatedSumBound(classes, layers), "truncated compute sum");
  if (maxDepth !== undefined)
    context.offerBound(depthBound(classes, layers, maxDepth), "depth-priced compute sum");
  const bound = configurationBound(classes, layers, context.solver, {
    ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
    feasible: context.incumbent()?.throughput ?? 0,
    shouldStop: () => context.shouldStop(),
    mostRounds: roundsFor(context.iterations),
  });
  context.offerBound(bound, "configuration LP");
  context.offerBound(
    choiceBound(classes, layers, context.solver, {
      ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
      feasible: context.incumbent()?.throughput ?? 0,
      upperBound: bound,
      maxPrograms: MOST_PROGRAMS,
      maxTrials: Math.min(MOST_TRIALS, context.iterations),
      shouldStop: limitPolls(() => context.shouldStop(), 20 * roundsFor(context.iterations)),
    }),
    "configuration LP with branching",
  );
};

/** Configuration LPs per flow, and flows, of the bound with branching. */
const MOST_PROGRAMS = 200;
const MOST_TRIALS = 12;
