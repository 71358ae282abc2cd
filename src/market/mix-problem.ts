import { worstCaseCluster } from "../core/even-cluster.js";
import type { Cluster } from "../core/cluster.js";
import { boxesOf, withMachines, type Box } from "../core/parting.js";
import { listPartClasses } from "../planner/parts/part-groups.js";
import type { LayerOption, PatternGroup } from "../planner/problem/machine-classes.js";
import type { Offer } from "./market.js";
import { chooseRegionRoute, type RegionRoute } from "./region-route.js";

/** Nodes that no type-level model can tell apart: whole machines, or parts of them. */
export interface MixClass {
  /** What one of them can do, ascending by layers. */
  readonly options: readonly LayerOption[];
}

/**
 * Rows of cards that can be shared out alike, each in one of the patterns; `machines` is how many there can be.
 * A machine that is one node is a row of one pattern.
 */
export interface MixGroup extends PatternGroup {
  /** How many are there whatever is bought. */
  readonly kept: number;
}

/** An offer, seen by the integer model. */
export interface MixOffer {
  /** The groups that the rows of cards of one such machine belong to. */
  readonly groups: readonly number[];
  readonly available: number;
  readonly pricePerHour: number;
  readonly region: string;
}

/** A machine that is there whatever is bought. */
export interface KeptMachine {
  readonly groups: readonly number[];
  readonly region: string;
}

/** Which machines to buy for a model, links left aside. */
export interface MixProblem {
  readonly layers: number;
  readonly classes: readonly MixClass[];
  readonly groups: readonly MixGroup[];
  readonly offers: readonly MixOffer[];
  readonly kept: readonly KeptMachine[];
  /** For those who look at links after all. */
  readonly route: RegionRoute;
  readonly partialInference: boolean;
}

/**
 * The problem of choosing from offers. A machine bought is a machine parted, where its cards can be shared out.
 * @param everything base and all that is on offer, offer by offer after the base's machines. Its
 *   machines' capacities are those the search believes in.
 */
export function buildMixProblem(
  everything: Cluster,
  offers: readonly Offer[],
  partialInference: boolean,
): MixProblem {
  const boxes = boxesOf(everything);
  const base = boxes.length - countOffered(offers);
  const parts = listPartClasses(worstCaseCluster(everything), new Set());
  const groupsOf = boxes.map((): number[] => []);
  const groups: MixGroup[] = [];
  const addGroup = (patterns: MixGroup["patterns"], own: readonly number[]): void => {
    for (const box of own) groupsOf[box]!.push(groups.length);
    const kept = own.filter((box) => box < base).length;
    groups.push({ patterns, kept, machines: own.length });
  };
  const boxOf = new Map(boxes.map((box, index) => [idOf(box), index]));
  parts.classes.forEach(({ nodes }, machineClass) => {
    const own = nodes.map((node) => boxOf.get(everything.nodes[node]!.id)!);
    if (own.length > 0) addGroup([[[machineClass, 1]]], own);
  });
  for (const { patterns, rows } of parts.groups) {
    addGroup(
      patterns,
      rows.map(([box]) => box),
    );
  }
  const regionOf = (box: number): string =>
    everything.regions[boxes[box] === undefined ? 0 : nodeOf(boxes[box]).region]!;
  let first = base;
  const mixOffers = offers.map(({ available, pricePerHour }) => {
    const own = available === 0 ? [] : groupsOf[first]!;
    const region = regionOf(first);
    first += available;
    return { groups: own, available, pricePerHour, region };
  });
  const kept = groupsOf
    .slice(0, base)
    .map((own, box): KeptMachine => ({ groups: own, region: regionOf(box) }));
  const { layers } = everything.model;
  const route = chooseRegionRoute(everything);
  const classes = parts.classes.map(({ options }) => ({ options }));
  return { layers, classes, groups, offers: mixOffers, kept, route, partialInference };
}

function nodeOf(box: Box): { readonly id: string; readonly region: number } {
  return box.kind === "node" ? box.node : box.host;
}

function idOf(box: Box): string {
  return nodeOf(box).id;
}

function countOffered(offers: readonly Offer[]): number {
  return offers.reduce((sum, { available }) => sum + available, 0);
}

/** Rows of cards by group of a mix, those kept included. */
export function countByGroup(
  { groups, offers }: MixProblem,
  counts: readonly number[],
): Float64Array {
  const total = Float64Array.from(groups, ({ kept }) => kept);
  offers.forEach(({ groups: own }, offer) => {
    for (const group of own) total[group]! += counts[offer]!;
  });
  return total;
}

/** The class of machines that are one node and cannot be anything else; undefined for others. */
export function wholeClass(
  { groups }: Pick<MixProblem, "groups">,
  own: readonly number[],
): number | undefined {
  const patterns = own.length === 1 ? groups[own[0]!]!.patterns : [];
  const [only] = patterns.length === 1 && patterns[0]!.length === 1 ? patterns[0]! : [];
  return only?.[1] === 1 ? only[0] : undefined;
}

/**
 * The part of everything that a mix has: its machines, with capacities as they are, parted as they are. Indices
 * of offers' nodes shift.
 */
export function selectMix(
  everything: Cluster,
  offers: readonly Offer[],
  counts: readonly number[],
): Cluster {
  let first = boxesOf(everything).length - countOffered(offers);
  const machines = [...Array.from({ length: first }).keys()];
  offers.forEach(({ available }, offer) => {
    for (let own = 0; own < counts[offer]!; own++) machines.push(first + own);
    first += available;
  });
  return withMachines(everything, machines);
}
