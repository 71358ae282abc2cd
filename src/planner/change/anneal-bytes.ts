import type { LayerInterval, Placement } from "../../core/placement.js";
import type { Random } from "../../core/random.js";
import { createLocalEvaluator, type LocalEvaluator } from "../local/local-evaluator.js";
import { isLegal, measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { ClosenessOptions } from "./keep-close.js";
import type { LoadBytes } from "./load-bytes.js";

/** In layers of the largest kind: at first a node takes two more than it should, at last hardly any. */
const HOTTEST = 2;
const COOLEST = 0.05;

export interface AnnealingOptions extends ClosenessOptions {
  /** Where it starts: it need not carry the floor. */
  readonly from: Placement;
  readonly random: Random;
}

/**
 * Simulated annealing for fewer bytes than a known placement loads that carries the floor: single nodes change their intervals, and what the flow
 * lacks to the floor costs more than everything that the known one loads. @returns the best placement met that carries
 * the floor, or the known one. At most `mostFlows` moves, each at most one max flow.
 */
export function annealBytes(
  problem: PlanningProblem,
  load: LoadBytes,
  known: Placement,
  { from, floor, shouldStop, mostFlows, random }: AnnealingOptions,
): Placement {
  const evaluator = createLocalEvaluator(problem);
  const movable = [...known.keys()].filter(
    (node) => evaluator.most[node]! > 0 && !problem.constraints.pins.has(node),
  );
  if (movable.length === 0) return known;
  evaluator.load(from);
  const penalty = 2 * (1 + load.total(known) / load.largestLayer);
  const lacking = (tokens: number): number => penalty * Math.max(0, 1 - tokens / floor);
  const bytesOf = (node: number, interval: LayerInterval | null): number =>
    load.of(node, interval) / load.largestLayer;
  let lack = lacking(evaluator.flow(floor));
  let bytes = load.total(from) / load.largestLayer;
  let least = load.total(known) / load.largestLayer;
  let best = known;
  for (let step = 0; step < mostFlows && !shouldStop(); step++) {
    const heat = HOTTEST * (COOLEST / HOTTEST) ** (step / mostFlows);
    const node = movable[random.int(movable.length)]!;
    const before = intervalOf(evaluator, node);
    const after = drawInterval(evaluator, load, node, random);
    const gain = bytesOf(node, before) - bytesOf(node, after);
    const accepted = lack + gain - heat * Math.log(1 - random.next());
    evaluator.place(node, after?.[0] ?? 0, after?.[1] ?? 0);
    let next = lacking(evaluator.weakest());
    if (next <= accepted) next = lacking(evaluator.flow(floor));
    if (next > accepted) {
      evaluator.place(node, before?.[0] ?? 0, before?.[1] ?? 0);
      continue;
    }
    lack = next;
    bytes -= gain;
    if (lack > 0 || bytes >= least - 1e-9) continue;
    const placement = evaluator.read();
    if (!isLegal(problem, placement) || measureThroughput(problem, placement) < floor) continue;
    least = bytes;
    best = placement;
  }
  return best;
}

function intervalOf({ start, end }: LocalEvaluator, node: number): LayerInterval | null {
  return start[node] === end[node] ? null : [start[node]!, end[node]!];
}

/** What the node holds now, a part of it, a neighbour of its interval, or any other. */
function drawInterval(
  evaluator: LocalEvaluator,
  { held }: LoadBytes,
  node: number,
  random: Random,
): LayerInterval | null {
  const most = evaluator.most[node]!;
  const kind = random.int(5);
  const any = (from: number, to: number): LayerInterval => {
    const count = 1 + random.int(Math.min(most, to - from));
    const first = from + random.int(to - from - count + 1);
    return [first, first + count];
  };
  const own = held[node] ?? null;
  if (kind === 0 && own !== null) return own[1] - own[0] <= most ? own : any(...own);
  if (kind === 1 && own !== null) return any(...own);
  const now = intervalOf(evaluator, node);
  if (kind < 4 && now !== null) {
    const start = Math.max(0, now[0] + random.int(3) - 1);
    const end = Math.min(evaluator.layers, now[1] + random.int(3) - 1);
    if (start < end && end - start <= most) return [start, end];
  }
  return kind === 2 ? null : any(0, evaluator.layers);
}
