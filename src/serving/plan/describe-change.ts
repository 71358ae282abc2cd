import { requirePlacement } from "../../check/require-placement.js";
import { machineOf, nodeId } from "../../core/cluster.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { CHANGE_FORMAT, type ChangeFile } from "../../formats/change-schema.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { LoadBytes } from "../../planner/change/load-bytes.js";
import type { ChangeStep, StepOrder } from "../../planner/change/order-steps.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import { onTheWay, type PlanningProblem } from "../../planner/problem/problem.js";
import { describePlacement } from "../../planner/result/placement-file.js";

export interface ChangeFacts {
  readonly problem: PlanningProblem;
  readonly load: LoadBytes;
  /** The placement that the change leads to. */
  readonly target: Placement;
  /** Its file. */
  readonly file: PlacementFile;
  /** Share of the new placement's throughput that every step should leave. */
  readonly floor: number;
  readonly loadRate: number;
  /** The steps to it. */
  readonly order: StepOrder;
}

/**
 * The change file: steps in order, each with what it loads and what the others carry meanwhile. Every
 * placement on the way has been re-checked by `checkPlacement`.
 * @throws BugError when the re-check refuses one of them.
 */
export function describeChange(facts: ChangeFacts): ChangeFile {
  const { problem, load, target, file, loadRate, order } = facts;
  const { cluster } = problem;
  const asked = facts.floor * file.throughput;
  const loading = (node: number): number => load.of(node, target[node]!);
  const secondsOf = (node: number): number =>
    loading(node) / (machineOf(cluster, node).loadBytesPerSecond ?? loadRate);
  const unpinned = onTheWay(problem);
  const checked = (placement: Placement): PlacementFile =>
    requirePlacement(
      cluster,
      describePlacement(cluster, placement, {
        clusterSha256: file.cluster.sha256,
        objective: "flow",
        problem: unpinned,
        upperBound: 0,
        boundName: "none",
        gapAsked: 1,
        termination: file.termination,
        solve: { ...file.solve, strategies: [] },
      }),
    );
  const describe = (step: ChangeStep): ChangeFile["steps"][number] => {
    checked(step.after);
    const { routing, throughput } = checked(step.during);
    return {
      nodes: step.nodes.map((node) => ({
        id: nodeId(cluster, node),
        from: copy(load.held[node] ?? null),
        to: copy(target[node]!),
        bytes: loading(node),
        seconds: secondsOf(node),
      })),
      bytes: step.nodes.reduce((sum, node) => sum + loading(node), 0),
      seconds: step.seconds,
      throughput,
      routing,
    };
  };
  return {
    format: CHANGE_FORMAT,
    cluster: file.cluster,
    model: file.model,
    ...(file.engine === undefined ? {} : { engine: file.engine }),
    ...(problem.partialInference ? {} : { partialInference: false as const }),
    before: cluster.nodes.map(({ id }, node) => ({ id, layers: copy(load.held[node] ?? null) })),
    throughput: { before: measureThroughput(unpinned, order.start), after: file.throughput },
    floor: {
      asked,
      kept: order.keepsFloor,
      best: Math.min(order.bestFloor, file.throughput),
      proven: order.proven,
      secondsBelow: order.secondsBelow,
    },
    loadRate,
    bytes: load.total(target),
    seconds: order.seconds,
    steps: order.steps.map(describe),
  };
}

function copy(interval: LayerInterval | null): [number, number] | null {
  return interval === null ? null : [interval[0], interval[1]];
}
