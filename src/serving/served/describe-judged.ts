import { requirePlacement } from "../../check/require-placement.js";
import type { Cluster } from "../../core/cluster.js";
import { VERSION } from "../../core/version.js";
import type { ChosenEngine } from "../../engines/choose-engine.js";
import type { FlowBound } from "../../planner/parts/bound-parts.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { describeEngine } from "../../formats/read-engine.js";
import { truncatedSumBound } from "../../planner/coverings/compute-bounds.js";
import { groupMachines } from "../../planner/problem/machine-classes.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../planner/problem/problem.js";
import { describePlacement } from "../../planner/result/placement-file.js";
import type { JudgedPlacement } from "./goodput-trials.js";
import type { ScoredPlacement } from "./refine.js";

/** How a placement came to be judged. */
export interface JudgedUnder {
  /** Default "exhausted". */
  readonly termination?: PlacementFile["termination"];
  /** Default anything goes. */
  readonly problem?: PlanningProblem;
  /** What runs it. Default nobody said. */
  readonly choice?: ChosenEngine["choice"];
  /** On the flow of whatever could be chosen instead. Default the truncated compute sum of these nodes. */
  readonly bound?: FlowBound | undefined;
}

/** A placement judged as a placement file, re-checked. */
export function describeJudged(
  cluster: Cluster,
  judged: JudgedPlacement,
  clusterSha256: string,
  {
    termination = "exhausted",
    problem = { cluster, partialInference: true, constraints: UNCONSTRAINED },
    choice,
    bound,
  }: JudgedUnder = {},
): PlacementFile {
  const { value: upperBound, name: boundName } = bound ?? boundByCompute(cluster);
  const estimate = describeEstimate(judged);
  const file = describePlacement(cluster, judged.placement, {
    clusterSha256,
    objective: "goodput",
    ...describeEngine(choice),
    problem,
    upperBound,
    boundName,
    gapAsked: 0,
    termination,
    solve: {
      seconds: 0,
      seed: judged.report.seed,
      strategies: [],
      versions: { "helix-place": VERSION },
    },
    estimate,
  });
  requirePlacement(cluster, file);
  return file;
}

function boundByCompute(cluster: Cluster): FlowBound {
  const classes = groupMachines(cluster, UNCONSTRAINED);
  return {
    value: truncatedSumBound(classes, cluster.model.layers),
    name: "truncated compute sum",
  };
}

/** The model's figures as they stand in a placement file. */
export function describeUnjudged({ estimate }: ScoredPlacement): PlacementFile["estimate"] {
  return {
    decodeThroughput: estimate.decodeTokensPerSecond,
    promptLatency: estimate.timeToFirstToken.mean,
    decodeLatency: estimate.timePerOutputToken.mean,
    concurrency: estimate.concurrency,
    method:
      "by the steady-state model, which has been a third too high: interrupted, or out of time, before any simulation ended",
  };
}

/** The simulated figures as they stand in a placement file. */
export function describeEstimate({ report }: JudgedPlacement): PlacementFile["estimate"] {
  const { result, batching, engine, seed } = report;
  const how = batching === "chain" ? `engine ${engine}` : `Helix scheduler, ${batching} batching`;
  const { startSeconds, endSeconds } = result.window;
  return {
    decodeThroughput: result.decodeTokensPerSecond,
    promptLatency: result.timeToFirstToken.mean,
    decodeLatency: result.timePerOutputToken.mean,
    concurrency: result.meanInFlight,
    method: `simulated offline at full load: ${how}, ${round(startSeconds)} s to ${round(endSeconds)} s${result.cutShort === true ? " (cut short by the time limit)" : ""}, seed ${seed}`,
  };
}

/** Windows that the clock cut end at odd moments. */
function round(seconds: number): number {
  return Math.round(10 * seconds) / 10;
}
