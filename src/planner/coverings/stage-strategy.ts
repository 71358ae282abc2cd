import { configurationBound } from "./configuration-lp.js";
import { layStages } from "./lay-stages.js";
import { groupMachines } from "../problem/machine-classes.js";
import type { StageShape } from "./price-stages.js";
import { createStageMaster, type StageCount, type StageMaster } from "./stage-master.js";
import { tabulateStageRates } from "./stage-rates.js";
import { createRandom } from "../../core/random.js";
import { limitPolls, roundsFor } from "../problem/limit-polls.js";
import { sampleLarge } from "../views/sample-nodes.js";
import { layNodes } from "../problem/chain.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";

/**
 * Stages one after another, as a strategy that escalates by the shape of a stage: every node holds the
 * `whole` of it; it may be made of `pieces`, and pieces of pieces; or of `lanes` side by side, each a
 * sequence of pieces whose borders need not agree. What one shape can lay the next can too, at a price:
 * more to look at for every flow. So each is a turn of its own.
 */
export const stageStrategy = (shape: StageShape): Strategy =>
  sampleLarge((problem, context) => searchStages(problem, context, shape));

/** Relative steps below the bound where the search for a first solution looks. */
const FIRST_STEP = 1e-3;
const PRECISION = 5e-5;
/** Longest stage of lanes, in layers. */
const LONGEST = 40;
/** Rounds of shaken prices before each try to find whole numbers of stages. */
const SHAKES = [0, 6];
const NODE_LIMIT = 300;
/** Pricing rounds per flow. */
const MOST_ROUNDS = 200;
/** Throughput grid of the pricing. */
const GRID = 2000;
/** The same for lanes of many classes, where every rate of a node is a way to split. */
const COARSE_GRID = 400;
const MANY_CLASSES = 16;

function searchStages(problem: PlanningProblem, context: SearchContext, shape: StageShape): void {
  const { cluster, constraints } = problem;
  const { layers } = cluster.model;
  const { maxDepth, maxNodesPerStage } = constraints;
  const all = groupMachines(cluster, constraints);
  const classes = all.filter(({ pin, options }) => pin === undefined && options.length > 0);
  if (classes.length === 0) return;
  const overlap =
    problem.partialInference && maxDepth === undefined && maxNodesPerStage === undefined;
  const rates = tabulateStageRates(classes, layers, overlap, shape === "lanes" ? LONGEST : 0);
  const master = createStageMaster(
    {
      classes,
      layers,
      rates,
      overlap,
      shape,
      ...(maxDepth === undefined ? {} : { maxDepth }),
      ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
    },
    context.solver,
  );
  const top = configurationBound(classes, layers, context.solver, {
    precision: 1e-4,
    feasible: context.incumbent()?.throughput ?? 0,
    shouldStop: () => context.shouldStop(),
    mostRounds: roundsFor(context.iterations),
  });
  const offer = (stages: readonly StageCount[]): number => {
    const intervals = [...layNodes(problem, [])];
    layStages(stages, classes, layers, intervals);
    context.offer(intervals);
    return stages.reduce((least, { pattern }) => Math.min(least, pattern.rate), Infinity);
  };
  // Without pins the network carries no more than what the model believes it serves, so flows up to
  // the incumbent's are of no interest; pinned nodes would add to it.
  const incumbent = constraints.pins.size > 0 ? () => undefined : () => context.incumbent();
  const coarse = shape === "lanes" && classes.length > MANY_CLASSES;
  const grid = coarse ? COARSE_GRID : GRID;
  climb(master, layers, top, { ...context, incumbent, grid }, offer);
}

/** Looks for the largest flow the master can serve: down from the top in growing steps, then bisects. */
function climb(
  master: StageMaster,
  layers: number,
  top: number,
  context: SearchContext & { readonly grid: number },
  offer: (stages: readonly StageCount[]) => number,
): void {
  const random = createRandom(context.seed);
  const shouldStop = (): boolean => context.shouldStop();
  const attempt = (flow: number): number => {
    const rounds = Math.min(MOST_ROUNDS, roundsFor(context.iterations));
    const relaxation = master.relax(flow, context.grid, limitPolls(shouldStop, rounds));
    if (relaxation.covered < layers * (1 - 1e-9)) return 0;
    let stages: readonly StageCount[] | undefined;
    for (const shakes of SHAKES) {
      for (let n = 0; n < shakes && !shouldStop(); n++)
        master.enrich(flow, context.grid, relaxation, random);
      stages = master.choose(flow, { nodeLimit: NODE_LIMIT, seed: context.seed, shouldStop });
      if (stages !== undefined) break;
    }
    return stages === undefined ? 0 : Math.max(flow, offer(stages));
  };
  let budget = Math.min(context.iterations, 60);
  let refused = top;
  let served = 0;
  const known = (): number => context.incumbent()?.throughput ?? 0;
  for (let step = FIRST_STEP; step < 1 && served === 0; step *= 2) {
    if (budget-- <= 0 || shouldStop() || refused <= known()) return;
    const flow = Math.max(top * (1 - step), known());
    served = attempt(flow);
    if (served === 0) refused = flow;
  }
  for (; budget > 0 && refused - served > PRECISION * refused; budget--) {
    if (shouldStop()) return;
    const flow = (served + refused) / 2;
    const reached = attempt(flow);
    if (reached > 0) served = reached;
    else refused = flow;
  }
}
