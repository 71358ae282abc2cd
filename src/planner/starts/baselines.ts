import type { Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { createRandom } from "../../core/random.js";
import type { PlacementConstraints } from "../problem/problem.js";
import { placeHomogeneously } from "./baseline-chain.js";
import { placeByPetals } from "./baseline-petals.js";
import { placeSeparately } from "./baseline-separate.js";
import { placeBySwarm } from "./baseline-swarm.js";
import type { BaselineOutcome } from "./baseline.js";

interface Baseline {
  readonly name: string;
  readonly build: (cluster: Cluster, seed: number) => BaselineOutcome;
  /** Without partial inference it is not worth a try. */
  readonly needsPartialInference?: true;
  /** Goodput plans are measured by it, once per seed. The others are these with more nodes idle. */
  readonly rivalSeeds?: readonly number[];
}

/**
 * The known methods, in the order in which a portfolio tries them. Plans start from all of them,
 * `compare` offers all of them, and each can be written as a placement (`plan --baseline`).
 */
const TABLE = [
  { name: "homogeneous", build: placeHomogeneously },
  { name: "swarm", build: placeBySwarm, rivalSeeds: [1] },
  {
    name: "separate",
    build: (cluster) => placeSeparately(cluster, { by: "type", leftovers: false }),
  },
  {
    name: "separate-plus",
    build: (cluster) => placeSeparately(cluster, { by: "type", leftovers: true }),
    rivalSeeds: [1],
  },
  {
    name: "separate-regions",
    build: (cluster) => placeSeparately(cluster, { by: "region", leftovers: false }),
  },
  {
    name: "separate-regions-plus",
    build: (cluster) => placeSeparately(cluster, { by: "region", leftovers: true }),
    rivalSeeds: [1],
  },
  {
    name: "petals",
    build: (cluster, seed) => placeByPetals(cluster, createRandom(seed)),
    needsPartialInference: true,
    rivalSeeds: [1, 2, 3, 4],
  },
] as const satisfies readonly Baseline[];

export type BaselineName = (typeof TABLE)[number]["name"];
export const BASELINES: readonly (Baseline & { readonly name: BaselineName })[] = TABLE;

/** What a named method makes of a cluster; only `petals` draws by the seed. */
export function placeBaseline(cluster: Cluster, name: BaselineName, seed = 1): BaselineOutcome {
  return BASELINES.find((baseline) => baseline.name === name)!.build(cluster, seed);
}

/** A baseline knows no constraints: drained nodes are emptied and pinned ones put right afterwards. */
export function respectPins(
  placement: Placement,
  { pins, drained }: Pick<PlacementConstraints, "pins" | "drained">,
): Placement {
  return placement.map((interval, node) =>
    drained.has(node) ? null : (pins.get(node) ?? interval),
  );
}
