import type { LayerInterval, Placement } from "../../core/placement.js";
import { createLocalEvaluator } from "../local/local-evaluator.js";
import { capacityOf } from "../problem/node-capacity.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { LoadBytes } from "./load-bytes.js";

export interface ClosenessOptions {
  /** Tokens/s that the placement must carry. */
  readonly floor: number;
  readonly shouldStop: () => boolean;
  /** Flows solved at most. */
  readonly mostFlows: number;
}

type Change = readonly (readonly [node: number, interval: LayerInterval | null])[];

/**
 * Draws a placement back towards what the nodes hold, as long as it carries the floor: single nodes take intervals
 * that they have to load less for, and nodes hand their intervals to others that hold more of them. Ends where no
 * such change is left, or at a limit. The placement given must carry the floor, and so does the one returned.
 */
export function keepClose(
  problem: PlanningProblem,
  load: LoadBytes,
  start: Placement,
  { floor, shouldStop, mostFlows }: ClosenessOptions,
): Placement {
  const evaluator = createLocalEvaluator(problem);
  const { constraints } = problem;
  const { maxDepth, maxNodesPerStage, chainsOnly } = constraints;
  const limited = chainsOnly === true || (maxDepth ?? maxNodesPerStage) !== undefined;
  let placement = [...start];
  let flows = 0;
  evaluator.load(placement);

  const put = (change: Change, of: Placement): void => {
    for (const [node] of change) evaluator.place(node, of[node]?.[0] ?? 0, of[node]?.[1] ?? 0);
  };
  const carries = (changed: Placement): boolean => {
    if (evaluator.weakest() < floor) return false;
    flows += 1;
    return limited ? measureThroughput(problem, changed) >= floor : evaluator.flow(floor) >= floor;
  };
  const tryChange = (change: Change): boolean => {
    const changed = [...placement];
    for (const [node, interval] of change) changed[node] = interval;
    put(change, changed);
    if (carries(changed)) {
      placement = changed;
      return true;
    }
    put(change, placement);
    return false;
  };
  const fits = (node: number, interval: LayerInterval | null): boolean =>
    !constraints.pins.has(node) &&
    (interval === null ||
      (evaluator.most[node]! > 0 && capacityOf(problem.cluster, node, interval) > 0));
  const spent = (): boolean => flows >= mostFlows || shouldStop();

  for (let improved = true; improved && !spent();) {
    improved = false;
    const movers = placement
      .map((interval, node) => ({ node, bytes: load.of(node, interval) }))
      .filter(({ node, bytes }) => bytes > 0 && !constraints.pins.has(node))
      .sort((a, b) => b.bytes - a.bytes);
    for (const { node } of movers) {
      for (const change of listChanges(node)) {
        if (spent()) break;
        if (!tryChange(change)) continue;
        improved = true;
        break;
      }
    }
  }
  return placement;

  /** Changes by which this node's load falls and the total too, those that save most first. */
  function listChanges(node: number): readonly Change[] {
    const own = placement[node]!;
    const now = load.of(node, own);
    const changes: { readonly change: Change; readonly saved: number }[] = [];
    const propose = (change: Change, before: number): void => {
      if (!change.every(([each, interval]) => fits(each, interval))) return;
      const after = change.reduce((sum, [each, interval]) => sum + load.of(each, interval), 0);
      if (after < before) changes.push({ change, saved: before - after });
    };
    const singles = listIntervals(evaluator.layers, evaluator.most[node]!);
    for (const interval of [null, ...singles]) propose([[node, interval]], now);
    placement.forEach((other, to) => {
      if (to === node) return;
      const before = now + load.of(to, other);
      for (const instead of [other, load.held[node]!, null])
        propose(
          [
            [node, instead],
            [to, own],
          ],
          before,
        );
    });
    return changes.sort((a, b) => b.saved - a.saved).map(({ change }) => change);
  }
}

/** All intervals of at most so many layers. */
export function listIntervals(layers: number, most: number): readonly LayerInterval[] {
  const intervals: LayerInterval[] = [];
  for (let start = 0; start < layers; start++)
    for (let end = start + 1; end <= Math.min(layers, start + most); end++)
      intervals.push([start, end]);
  return intervals;
}
