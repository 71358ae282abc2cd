import { blockStrategy } from "../coverings/block-strategy.js";
import { boxStrategy } from "../boxes/box-strategy.js";
import { boundByIntervals } from "../coverings/interval-bound.js";
import { computeBoundStrategy } from "../coverings/bound-strategy.js";
import { pipelinesStrategy } from "../coverings/pipelines-strategy.js";
import { stageStrategy } from "../coverings/stage-strategy.js";
import { lnsMilp } from "../local/lns-milp.js";
import { localSearch } from "../local/local-search.js";
import { milpStrategy, paperMilpStrategy } from "../node-milp/milp-strategy.js";
import type { Strategy } from "../problem/strategy.js";
import type { StrategyNeeds } from "../problem/strategy-needs.js";
import { meshOf } from "../regions/mesh-strategy.js";
import { partsOf } from "../regions/parts-strategy.js";
import { boundRegions } from "../regions/region-bounds.js";
import { searchRegions } from "../regions/regions.js";
import { baselineStrategy } from "../starts/baseline-strategy.js";
import { onEvenLayers } from "../views/even-layers.js";
import { intervalChains } from "../starts/interval-chains.js";
import { chainStrategy } from "../starts/chain-strategy.js";
import { lossCover } from "../survival/loss-cover.js";
import { tryAll } from "../survival/try-all.js";

/** All that decides whether and when a strategy runs. */
export interface StrategyRow {
  readonly run: Strategy;
  /**
   * "starts" run to their end before anything else; "bounds" come next, and beside a strategy asked for by
   * name; "improvements" run in rounds; "alone" only when asked for by name.
   */
  readonly phase: "starts" | "bounds" | "models" | "improvements" | "alone";
  /** Steps beyond which it does nothing more. */
  readonly most: number;
  /** Steps per round of an improvement when only the clock limits. */
  readonly slice?: number;
  readonly needs: StrategyNeeds;
  /**
   * Where layers differ: it looks at intervals ("any"), or it counts layers and then finds placements by
   * what holds wherever they lie ("worst"), or proves bounds by what is possible at best ("best").
   */
  readonly layers: "any" | "worst" | "best";
  /** Whether it looks at links. Where they part the nodes, models that do come first. */
  readonly seesNetwork: boolean;
  /** Up to so many nodes it runs right after the bounds: it solves them exactly, at once. */
  readonly firstUpTo?: number;
  /** Up to so many nodes it is worth a thread of its own, or, in one thread, most turns once the first models had theirs. */
  readonly steadyUpTo?: number;
}

/** They place for the flow alone: what a loss leaves they do not see. */
const FLOW_NEEDS: StrategyNeeds = { unsupported: ["survive"] };
/** Models that see classes of machines and no link. */
const covering = {
  phase: "models",
  seesNetwork: false,
  needs: FLOW_NEEDS,
  layers: "worst",
} as const;
/** Models that look at links. */
const network = { phase: "models", seesNetwork: true, layers: "worst" } as const;
/** Aligned stages have several nodes each; a chain has one. */
const STAGES_NEED: StrategyNeeds = { unsupported: ["chainsOnly", "survive"] };

const stages = { ...covering, run: stageStrategy("whole"), most: 64, needs: STAGES_NEED };
const blocks = { ...covering, run: blockStrategy, most: 128 };
const composite = { ...stages, run: stageStrategy("pieces") };
const lanes = { ...stages, run: stageStrategy("lanes") };
/** Every pair of nodes is compared. */
const mesh = {
  ...network,
  run: meshOf(stages.run),
  most: 64,
  needs: { ...STAGES_NEED, mostNodes: 400 },
};

/** Every strategy by name. The order is that of a portfolio's start where the network does not bind. */
const STRATEGIES = {
  chain: {
    run: chainStrategy,
    phase: "starts",
    most: 1,
    needs: {},
    layers: "worst",
    seesNetwork: false,
  },
  "interval-chains": {
    run: intervalChains,
    phase: "starts",
    most: 1,
    needs: { layersDiffer: true },
    layers: "any",
    seesNetwork: false,
  },
  // Stages of more nodes may have too many links to be judged, should links bind.
  baselines: {
    run: baselineStrategy,
    phase: "starts",
    most: 1,
    needs: { mostNodes: 10_000 },
    layers: "worst",
    seesNetwork: false,
  },
  "compute-bounds": {
    run: computeBoundStrategy,
    phase: "bounds",
    most: 64,
    needs: {},
    layers: "best",
    seesNetwork: false,
  },
  "interval-bounds": {
    run: boundByIntervals,
    phase: "bounds",
    most: 1,
    needs: { layersDiffer: true },
    layers: "any",
    seesNetwork: false,
  },
  stages,
  blocks,
  composite,
  // Unaligned intervals of more nodes have too many legal links to be judged.
  regions: { ...network, run: searchRegions, most: 256, needs: { ...FLOW_NEEDS, mostNodes: 1500 } },
  // What one region covers says nothing of the nodes over a layer in all of them.
  parts: {
    ...network,
    run: partsOf([stages, mesh, blocks, composite]),
    most: 64,
    needs: { unsupported: ["maxNodesPerStage", "survive"] },
  },
  mesh,
  // Every link is looked at: O(nodes²).
  boxes: {
    ...network,
    run: boxStrategy,
    most: Infinity,
    needs: { ...FLOW_NEEDS, mostNodes: 400 },
    firstUpTo: 8,
    steadyUpTo: 16,
  },
  // In larger clusters coverings take too many nodes to be listed; compute alone bounds them closely.
  "region-bounds": {
    ...network,
    run: boundRegions,
    most: 128,
    needs: { mostNodes: 400 },
    layers: "best",
  },
  pipelines: { ...covering, run: pipelinesStrategy, most: 1 },
  lanes,
  // Even one look at all links is too much for a search by small steps. Chains have strategies of their own.
  "local-search": {
    run: localSearch,
    phase: "improvements",
    most: Infinity,
    slice: 1_000_000,
    needs: { mostNodes: 1500, unsupported: ["chainsOnly"] },
    layers: "any",
    seesNetwork: true,
  },
  // What a loss must leave: local search alone sees it, these two prove what there is.
  "loss-cover": {
    run: lossCover,
    phase: "bounds",
    most: 1,
    needs: { required: "survive" },
    layers: "any",
    seesNetwork: false,
  },
  "try-all": {
    run: tryAll,
    phase: "bounds",
    most: Infinity,
    needs: { required: "survive", mostNodes: 6 },
    layers: "any",
    seesNetwork: true,
  },
  // The fixed part alone makes too large a model.
  lns: {
    run: lnsMilp,
    phase: "improvements",
    most: Infinity,
    slice: 20,
    needs: { mostNodes: 150, unsupported: ["chainsOnly", "survive"] },
    layers: "any",
    seesNetwork: true,
  },
  // A larger model would not leave the root in useful time.
  milp: {
    run: milpStrategy,
    phase: "alone",
    most: Infinity,
    needs: { ...FLOW_NEEDS, mostLinks: 20_000 },
    layers: "worst",
    seesNetwork: true,
    firstUpTo: 6,
  },
  "milp-paper": {
    run: paperMilpStrategy,
    phase: "alone",
    most: Infinity,
    needs: { ...FLOW_NEEDS, mostLinks: 20_000 },
    layers: "worst",
    seesNetwork: true,
  },
} as const satisfies Readonly<Record<string, StrategyRow>>;

export type StrategyName = keyof typeof STRATEGIES;
export type StrategyChoice = StrategyName | "portfolio";

/** All there are, in the order of the table. */
export const STRATEGY_NAMES = Object.keys(STRATEGIES) as readonly StrategyName[];

/** What `--strategy` takes. */
export function strategyChoices(): readonly StrategyChoice[] {
  return ["portfolio", ...STRATEGY_NAMES];
}

export function findStrategy(name: StrategyName): Strategy {
  const { run, layers } = rowOf(name);
  return layers === "any" ? run : onEvenLayers(run, layers);
}

/** Steps of one round of an improvement strategy when only the clock limits. */
export function sliceOf(name: StrategyName): number {
  return rowOf(name).slice ?? Infinity;
}

/** Steps beyond which a strategy does nothing more. */
export function mostOf(name: StrategyName): number {
  return rowOf(name).most;
}

/** What decides whether and when it runs. */
export function rowOf(name: StrategyName): StrategyRow {
  return STRATEGIES[name];
}
