import { worstCaseCluster } from "../core/even-cluster.js";
import type { Cluster } from "../core/cluster.js";
import { groupMachines, type LayerOption } from "../planner/problem/machine-classes.js";
import type { Offer } from "./market.js";
import { chooseRegionRoute, type RegionRoute } from "./region-route.js";

/** Machines that no type-level model can tell apart. */
export interface MixClass {
  /** What one of them can do, ascending by layers. */
  readonly options: readonly LayerOption[];
  /** How many are there whatever is bought. */
  readonly kept: number;
  /** How many there can be. */
  readonly most: number;
}

/** An offer, seen by the integer model. */
export interface MixOffer {
  readonly machineClass: number;
  readonly available: number;
  readonly pricePerHour: number;
  readonly region: string;
}

/** A node that is there whatever is bought. */
export interface KeptNode {
  readonly machineClass: number;
  readonly region: string;
}

/** Which machines to buy for a model, links left aside. */
export interface MixProblem {
  readonly layers: number;
  readonly classes: readonly MixClass[];
  readonly offers: readonly MixOffer[];
  readonly kept: readonly KeptNode[];
  /** For those who look at links after all. */
  readonly route: RegionRoute;
  readonly partialInference: boolean;
}

/**
 * The problem of choosing from offers.
 * @param everything base and all that is on offer, offer by offer after the base's nodes. Its
 *   machines' capacities are those the search believes in.
 */
export function buildMixProblem(
  everything: Cluster,
  offers: readonly Offer[],
  partialInference: boolean,
): MixProblem {
  const groups = groupMachines(worstCaseCluster(everything), {
    pins: new Map(),
    drained: new Set(),
  });
  const classOf = new Int32Array(everything.nodes.length);
  groups.forEach(({ nodes }, index) => {
    for (const node of nodes) classOf[node] = index;
  });
  const bought = offers.reduce((sum, { available }) => sum + available, 0);
  const base = everything.nodes.length - bought;
  let first = base;
  const mixOffers = offers.map(({ available, pricePerHour }) => {
    const machineClass = classOf[first]!;
    const region = everything.regions[everything.nodes[first]?.region ?? 0]!;
    first += available;
    return { machineClass, available, pricePerHour, region };
  });
  const classes = groups.map(({ nodes, options }) => ({
    options,
    kept: nodes.filter((node) => node < base).length,
    most: nodes.length,
  }));
  const kept = everything.nodes.slice(0, base).map(({ region }, node) => {
    return { machineClass: classOf[node]!, region: everything.regions[region]! };
  });
  const { layers } = everything.model;
  const route = chooseRegionRoute(everything);
  return { layers, classes, offers: mixOffers, kept, route, partialInference };
}

/** Machines by class of a mix, those kept included. */
export function countByClass(problem: MixProblem, counts: readonly number[]): Float64Array {
  const total = Float64Array.from(problem.classes, ({ kept }) => kept);
  problem.offers.forEach(({ machineClass }, offer) => (total[machineClass]! += counts[offer]!));
  return total;
}

/** The part of everything that a mix has: its nodes, with capacities as they are. Indices of offers' nodes shift. */
export function selectMix(
  everything: Cluster,
  offers: readonly Offer[],
  counts: readonly number[],
): Cluster {
  const bought = offers.reduce((sum, { available }) => sum + available, 0);
  let first = everything.nodes.length - bought;
  const nodes = everything.nodes.slice(0, first);
  offers.forEach(({ available }, offer) => {
    nodes.push(...everything.nodes.slice(first, first + counts[offer]!));
    first += available;
  });
  return { ...everything, nodes };
}
