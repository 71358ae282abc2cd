import type { Placement } from "../../core/placement.js";
import type { Random } from "../../core/random.js";
import { createLocalEvaluator, type LocalEvaluator } from "../local/local-evaluator.js";
import { createLocalMoves, type LocalMoves } from "../local/local-moves.js";
import { isLegal } from "../problem/measure-flow.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { LoadBytes } from "./load-bytes.js";

/** In layers of the largest kind. */
interface Schedule {
  /** At first a node takes so many more than it should, at last hardly any. */
  readonly heat: readonly [first: number, last: number];
  /** What a layer costs that the floor does not pass at all. */
  readonly lack: readonly [first: number, last: number];
  /** What a layer costs beside, whatever it lacks, next to one that lacks all. */
  readonly short: number;
}

/** A layer may lack something for a while; at last a hundredth of the floor on one layer is worth two layers to load. */
const SCHEDULE: Schedule = { heat: [2, 0.2], lack: [5, 200], short: 0 };
/** Of a thousand nodes with a hundred places each nearly all are away at such heat, and lacks that are small for one node are left for good. */
const LARGE_SCHEDULE: Schedule = { heat: [0.2, 0.06], lack: [30, 30], short: 1 / 30 };
/** Above this many nodes links are looked at only once a placement would be the best. */
const MOST_NODES_LINKED = 300;
/** Two amounts of layers that differ by less are the same. */
const EQUAL = 1e-9;

export interface AnnealingOptions {
  /** Tokens/s that the placement must carry. */
  readonly floor: number;
  /** Where it starts: it need not carry the floor. */
  readonly from: Placement;
  readonly random: Random;
  readonly moves: number;
  /** The share of the run that is over, where a clock says it and not the count of moves. */
  readonly elapsed?: () => number;
  readonly shouldStop: () => boolean;
}

/** Moves between two looks at the clock. */
const LOOK_EVERY = 256;

/**
 * Simulated annealing for fewer bytes than a known placement loads. What it descends is bytes plus what each layer
 * lacks to the floor, at a price that rises until nothing may lack: so placements that carry too little are ways
 * to others, and a lack spread over many layers counts for more than the weakest layer alone.
 * @returns the best placement met that carries the floor, or the known one. At most `moves` moves, each O(changed
 * layers + links), and a max flow wherever a placement would be the best.
 */
export function annealBytes(
  problem: PlanningProblem,
  load: LoadBytes,
  known: Placement,
  options: AnnealingOptions,
): Placement {
  const { floor, from, random, shouldStop, elapsed } = options;
  const evaluator = createLocalEvaluator(problem);
  const movable = [...evaluator.most.keys()].filter(
    (node) => evaluator.most[node]! > 0 && !problem.constraints.pins.has(node),
  );
  if (movable.length === 0) return known;
  const classes = Int32Array.from(known, (_, node) => node);
  const moves = createLocalMoves({ evaluator, movable, classes, random, homes: load.held });
  const crowd = problem.constraints.maxNodesPerStage ?? Infinity;
  evaluator.load(from);
  const linked = load.held.length <= MOST_NODES_LINKED;
  const schedule = linked ? SCHEDULE : LARGE_SCHEDULE;
  const { lackOf, judge } = createJudge(problem, evaluator, { floor, linked, ...schedule });
  let bytes = load.total(evaluator.read()) / load.largestLayer;
  let lack = lackOf(Infinity);
  let least = load.total(known) / load.largestLayer;
  let best = known;
  const at = ([first, last]: readonly [number, number], share: number): number =>
    first * (last / first) ** share;
  let [heat, price] = [at(schedule.heat, 0), at(schedule.lack, 0)];
  for (let step = 0; step < options.moves; step++) {
    if (step % LOOK_EVERY === 0) {
      const share = Math.max(step / options.moves, elapsed?.() ?? 0);
      if (share >= 1 || shouldStop()) break;
      heat = at(schedule.heat, share);
      price = at(schedule.lack, share);
    }
    if (!moves.propose(floor)) continue;
    const bytesNext = bytes + countChange(evaluator, moves, load);
    const accepted = bytes + price * lack - heat * Math.log(1 - random.next());
    const lackNext = lackOf((accepted - bytesNext) / price);
    if (bytesNext + price * lackNext > accepted || (crowd < Infinity && moves.crowds(crowd))) {
      moves.undo();
      continue;
    }
    if (lackNext <= EQUAL && bytesNext < least - EQUAL) {
      const placement = judge();
      if (placement === undefined) {
        moves.undo();
        continue;
      }
      [best, least] = [placement, bytesNext];
    }
    [bytes, lack] = [bytesNext, lackNext];
  }
  return best;
}

/** What the floor lacks on all layers together, in floors, and whether the real max flow agrees that nothing lacks. */
function createJudge(
  problem: PlanningProblem,
  evaluator: LocalEvaluator,
  {
    floor,
    linked,
    short,
  }: { readonly floor: number; readonly linked: boolean; readonly short: number },
): {
  /** Infinity instead where it is above the limit. */
  readonly lackOf: (limit: number) => number;
  readonly judge: () => Placement | undefined;
} {
  const { coverage } = evaluator;
  return {
    lackOf(limit) {
      const least = evaluator.deficit(floor) / floor;
      if (least > limit) return Infinity;
      if (linked) return evaluator.linkDeficit(floor) / floor;
      let layers = 0;
      for (const tokens of coverage) if (tokens < floor) layers += 1;
      return least + short * layers;
    },
    judge() {
      if (linked && evaluator.flow(floor) < floor) return undefined;
      const placement = evaluator.read();
      const carries = isLegal(problem, placement) && measureThroughput(problem, placement) >= floor;
      return carries ? placement : undefined;
    },
  };
}

/** By how much the last proposal changed what is to be loaded, in layers of the largest kind. */
function countChange(
  { start, end }: LocalEvaluator,
  moves: LocalMoves,
  { of, largestLayer }: LoadBytes,
): number {
  let more = 0;
  moves.eachChange((node, oldStart, oldEnd) => {
    if (start[node] !== end[node]) more += of(node, [start[node]!, end[node]!]);
    if (oldStart !== oldEnd) more -= of(node, [oldStart, oldEnd]);
  });
  return more / largestLayer;
}
