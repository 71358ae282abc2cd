import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { groupMachines } from "../problem/machine-classes.js";
import { detectRegions } from "../graph/region-detection.js";
import { baselineStrategy } from "../starts/baseline-strategy.js";
import { computeBoundStrategy } from "../coverings/bound-strategy.js";
import { blockStrategy } from "../coverings/block-strategy.js";
import { boxStrategy } from "../boxes/box-strategy.js";
import { chainStrategy } from "../starts/chain-strategy.js";
import { lnsMilp } from "../local/lns-milp.js";
import { localSearch } from "../local/local-search.js";
import { milpStrategy, paperMilpStrategy } from "../node-milp/milp-strategy.js";
import { meshStrategy } from "../regions/mesh-strategy.js";
import { partsStrategy } from "../regions/parts-strategy.js";
import { pipelinesStrategy } from "../coverings/pipelines-strategy.js";
import type { PlanningProblem } from "../problem/problem.js";
import { boundRegions } from "../regions/region-bounds.js";
import { searchRegions } from "../regions/regions.js";
import type { Schedule } from "./schedule.js";
import { compositeStrategy, laneStrategy, stageStrategy } from "../coverings/stage-strategy.js";
import type { Strategy } from "../problem/strategy.js";

/** Every strategy by name. The order is that of a portfolio's start where the network does not bind. */
const STRATEGIES = {
  chain: { run: chainStrategy, phase: "starts", most: 1 },
  baselines: { run: baselineStrategy, phase: "starts", most: 1 },
  "compute-bounds": { run: computeBoundStrategy, phase: "models", most: 64 },
  stages: { run: stageStrategy, phase: "models", most: 64 },
  blocks: { run: blockStrategy, phase: "models", most: 128 },
  composite: { run: compositeStrategy, phase: "models", most: 64 },
  regions: { run: searchRegions, phase: "models", most: 256 },
  parts: { run: partsStrategy, phase: "models", most: 64 },
  mesh: { run: meshStrategy, phase: "models", most: 64 },
  boxes: { run: boxStrategy, phase: "models", most: Infinity },
  "region-bounds": { run: boundRegions, phase: "models", most: 128 },
  pipelines: { run: pipelinesStrategy, phase: "models", most: 1 },
  lanes: { run: laneStrategy, phase: "models", most: 64 },
  "local-search": { run: localSearch, phase: "improvements", slice: 1_000_000 },
  lns: { run: lnsMilp, phase: "improvements", slice: 20 },
  milp: { run: milpStrategy, phase: "alone", most: Infinity },
  "milp-paper": { run: paperMilpStrategy, phase: "alone", most: Infinity },
} as const satisfies Readonly<Record<string, StrategyEntry>>;

type StrategyEntry = { readonly run: Strategy } & (
  | {
      /** "starts" run to their end before anything else, "alone" only when asked for by name. */
      readonly phase: "starts" | "models" | "alone";
      /** Steps beyond which it does nothing more. */
      readonly most: number;
    }
  | {
      /** Run in rounds. */
      readonly phase: "improvements";
      /** Steps per round when only the clock limits. */
      readonly slice: number;
    }
);

export type StrategyName = keyof typeof STRATEGIES;
export type StrategyChoice = StrategyName | "portfolio";

const NAMES = Object.keys(STRATEGIES) as readonly StrategyName[];

/** What `--strategy` takes. */
export function strategyChoices(): readonly StrategyChoice[] {
  return ["portfolio", ...NAMES];
}

export function findStrategy(name: StrategyName): Strategy {
  return STRATEGIES[name].run;
}

/** Steps of one round of an improvement strategy when only the clock limits. */
export function sliceOf(name: StrategyName): number {
  const entry: StrategyEntry = STRATEGIES[name];
  return entry.phase === "improvements" ? entry.slice : Infinity;
}

/** Steps beyond which a strategy does nothing more. */
export function mostOf(name: StrategyName): number {
  const entry: StrategyEntry = STRATEGIES[name];
  return entry.phase === "improvements" ? Infinity : entry.most;
}

/** A cluster this small is solved exactly from the start, after the models that take no time. */
const SMALL = 6;
const EARLY = 1;
/** Up to so many nodes branch and bound is worth one of the threads. */
const FEW = 8;

/** What to run for a problem: everything that suits it, or one strategy with the free bounds. */
export function chooseSchedule(problem: PlanningProblem, choice: StrategyChoice): Schedule {
  const phase = (wanted: string): StrategyName[] =>
    NAMES.filter((name) => STRATEGIES[name].phase === wanted);
  if (choice !== "portfolio") {
    // What improves placements needs one to start from.
    const starts = STRATEGIES[choice].phase === "improvements" ? phase("starts") : [];
    return { starts, models: ["compute-bounds", choice], firstModels: 2, improvements: [] };
  }
  const all = phase("models");
  const late = hasSeveralRegions(problem) ? AFTER_REGIONS : [];
  const early = all.filter((name) => !late.includes(name));
  const models = [...early, ...late];
  if (problem.cluster.nodes.length <= SMALL) {
    models.splice(models.indexOf("boxes"), 1);
    models.splice(EARLY, 0, "boxes", "milp");
  }
  const firstModels = late.length === 0 ? models.length : early.length;
  return {
    starts: phase("starts"),
    models,
    firstModels,
    improvements: phase("improvements"),
    ...(problem.cluster.nodes.length <= FEW ? { steady: "boxes" } : {}),
  };
}

/** Models that do not see the network: where it binds, those that do come first. */
const AFTER_REGIONS: readonly StrategyName[] = [
  "stages",
  "blocks",
  "composite",
  "pipelines",
  "lanes",
];

/** Whether links narrower than what could use them part the nodes. */
function hasSeveralRegions({ cluster, constraints }: PlanningProblem): boolean {
  const flowBound = truncatedSumBound(groupMachines(cluster, constraints), cluster.model.layers);
  return detectRegions(cluster, { flowBound }).count > 1;
}
