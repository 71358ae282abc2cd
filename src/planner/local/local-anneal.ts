import type { Random } from "../../core/random.js";
import type { LocalEvaluator } from "./local-evaluator.js";
import type { LocalMoves } from "./local-moves.js";

export interface AnnealSetup {
  readonly evaluator: LocalEvaluator;
  readonly moves: LocalMoves;
  readonly random: Random;
  /** Whether the weakest layer is the flow, so that the flow need not be solved. */
  readonly thick: boolean;
  readonly maxNodesPerStage: number;
  readonly maxDepth: number;
  /** Polled every few hundred moves. */
  readonly shouldStop: () => boolean;
  /** Relative gain below which a better placement is not worth telling. */
  readonly leastGain: number;
  /** Told when the evaluator holds a placement better than all before. */
  readonly onBetter: () => void;
}

export interface AnnealRun {
  /** Tokens/s to reach. */
  readonly target: number;
  /** The best throughput known; only better ones are told. Tokens/s. */
  readonly best: number;
  readonly steps: number;
  /** First temperature, in layers that lack their whole target. */
  readonly heat: number;
  /** Where a run was interrupted that goes on: the evaluator holds what it held then. */
  readonly from?: AnnealPause;
}

/** How far a run has come. */
export interface AnnealPause {
  readonly step: number;
  readonly temperature: number;
  readonly energy: number;
}

export interface AnnealOutcome {
  readonly reached: boolean;
  /** Steps of this call. */
  readonly steps: number;
  /** Set when it was told to stop. */
  readonly pause?: AnnealPause;
}

/** What a flow below target weighs against layers below target. */
const FLOW_WEIGHT = 8;
const LAST_TEMPERATURE = 0.005;
const POLL_STEPS = 256;
/** A flow costs about as much as this many looks at the layers, per 64 nodes. */
const FLOW_POLL_STEPS = 16;

/**
 * Simulated annealing of the placement in the evaluator towards `target`. Energy: the share of the
 * target that each layer lacks, summed over layers, plus what the max flow lacks. The layers alone
 * bound the energy from below, so most bad moves are refused before a flow is solved; the threshold
 * is drawn before the move is judged to make that exact.
 */
export function anneal(setup: AnnealSetup, run: AnnealRun): AnnealOutcome {
  const { evaluator, moves, random, thick } = setup;
  const { target, steps } = run;
  let best = run.best;

  const flowLack = (flow: number): number => (FLOW_WEIGHT * Math.max(0, target - flow)) / target;
  const layerLack = (): number => evaluator.deficit(target) / target;
  const linkLack = (): number => evaluator.linkDeficit(target) / target;
  const solve = (): number => evaluator.flow(target);

  function note(flow: number): void {
    if (flow <= best * (1 + setup.leastGain) && flow < target) return;
    if (!evaluator.counts()) return;
    best = flow;
    setup.onBetter();
  }

  const full = (): number => {
    const flow = thick ? evaluator.weakest() : solve();
    note(flow);
    if (!thick) evaluator.keepFlow();
    return thick ? layerLack() : linkLack() + flowLack(flow);
  };
  let energy = run.from?.energy ?? full();
  const cooling = (LAST_TEMPERATURE / run.heat) ** (1 / Math.max(1, steps));
  let temperature = run.from?.temperature ?? run.heat;
  let poll = POLL_STEPS;
  const first = run.from?.step ?? 0;
  let step = first;
  for (; step < steps && best < target; step++) {
    temperature *= cooling;
    if (--poll <= 0) {
      if (setup.shouldStop())
        return { reached: false, steps: step - first, pause: { step, temperature, energy } };
      poll = POLL_STEPS;
    }
    if (!moves.propose(target)) continue;
    const threshold = energy - temperature * Math.log(1 - random.next());
    const lack = layerLack();
    let accepted = lack <= threshold && !moves.crowds(setup.maxNodesPerStage);
    if (accepted && setup.maxDepth < Infinity) accepted = evaluator.depth() <= setup.maxDepth;
    if (accepted && thick) {
      energy = lack;
      const weakest = evaluator.weakest();
      note(weakest);
    } else if (accepted) {
      accepted = lack + flowLack(evaluator.weakest()) <= threshold;
      const linked = accepted ? linkLack() : 0;
      if (accepted) accepted = linked + flowLack(evaluator.weakestLinked()) <= threshold;
      if (accepted) {
        poll -= FLOW_POLL_STEPS * (1 + (evaluator.start.length >> 6));
        const flow = solve();
        const next = linked + flowLack(flow);
        accepted = next <= threshold;
        if (accepted) {
          energy = next;
          evaluator.keepFlow();
          note(flow);
        }
      }
    }
    if (!accepted) moves.undo();
  }
  return { reached: best >= target, steps: step - first };
}
