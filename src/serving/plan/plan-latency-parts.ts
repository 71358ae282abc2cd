import { partCluster, withParts, type CardRow } from "../../core/parting.js";
import type { Cluster } from "../../core/cluster.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { keepDegrees } from "../../engines/tensor-degree.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { findLeastLatency } from "../served/least-latency.js";
import { problemFor } from "../served/problem-for.js";
import { sumOverParts } from "../../planner/parts/bound-parts.js";
import { DEFAULT_GAP, underBound } from "./part-bound.js";
import { partConstraints } from "./part-constraints.js";
import type { PlanNodes } from "./part-search.js";
import { describeSpace } from "./part-space.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";

const DEFAULT_TIME_LIMIT = 60;

/**
 * The quickest pipeline for one user alone, however cards work together: all machines alike by every degree, which
 * holds the quickest where an engine keeps one degree along a chain, and as the cluster is parted. What no partition
 * is quicker than is the quickest pipeline over all parts that a machine could have, whether or not they go together.
 */
export async function planLatencyParts(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
  planNodes: PlanNodes,
): Promise<PlanOutcome> {
  const started = ports.now();
  const { uniform, now, parts, layers } = describeSpace(cluster, options);
  const partitions = [...uniform, now];
  const limit =
    options.timeLimitSeconds ??
    (options.iterationLimit === undefined ? DEFAULT_TIME_LIMIT : undefined);
  let best: PlanOutcome | undefined;
  for (const partition of partitions) {
    const parted = partCluster(cluster, partition);
    const { constraints } = options;
    const outcome = await planNodes(
      parted,
      {
        ...options,
        ...(limit === undefined ? {} : { timeLimitSeconds: limit / (partitions.length + 1) }),
        ...(constraints === undefined
          ? {}
          : { constraints: partConstraints(cluster, parted, constraints) }),
      },
      ports,
    );
    if (best === undefined || secondsOf(outcome) < secondsOf(best)) best = outcome;
  }
  if (best?.kind !== "planned" || best.file.latency === undefined) return best!;
  const { secondsPerToken } = best.file.latency;
  const bound = Math.min(secondsPerToken, boundLatency(cluster, options));
  const file = { ...best.file, latency: { secondsPerToken, bound } };
  // The plan's own bound on flow is one of its parts: others may carry more.
  const flow = sumOverParts(parts, layers);
  const spent = { seconds: ports.now() - started, log: file.solve.strategies };
  return { ...best, file: underBound(file, flow, options.gap ?? DEFAULT_GAP, spent) };
}

function secondsOf(outcome: PlanOutcome): number {
  return (outcome.kind === "planned" && outcome.file.latency?.secondsPerToken) || Infinity;
}

/** Seconds that no pipeline of any partition takes less than. */
function boundLatency(cluster: Cluster, options: PlanOptions): number {
  const { cluster: rated, chosen } = clusterUnder(cluster, options);
  const every = withParts(rated, (rows) => rows.flatMap(listPlaces));
  const { constraints } = problemFor(rated, options);
  const { drained } = partConstraints(rated, every, constraints);
  return (
    findLeastLatency(keepDegrees(every, chosen.engine), chosen.engine.overhead, {
      ...constraints,
      drained,
    })?.bound ?? 0
  );
}

/** Every part of a row, as often as there is room for it alone. */
function listPlaces(
  row: CardRow,
): readonly { readonly first: number; readonly count: number; readonly machine: number }[] {
  return [...row.degrees].flatMap(([count, machine]) =>
    Array.from({ length: Math.floor(row.count / count) }, (_, index) => ({
      first: row.first + index * count,
      count,
      machine,
    })),
  );
}
