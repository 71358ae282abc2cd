import { InputError } from "../core/errors.js";
import type { Model } from "../core/model.js";
import type { ClusterFile, NetworkEntry } from "../formats/cluster-schema.js";
import type { PriceList } from "../formats/price-list-schema.js";
import { readQuantity } from "../formats/read-quantity.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { addNodes } from "./edit-nodes.js";
import { listLeftOut, shelfOf, SOME_LIST, type LeftOut } from "./listed-machines.js";
import { settleCoordinator, settleMachines, type Settled } from "./settle.js";

/** So many machines of a type can be had in a region at a price. */
export interface Offer {
  readonly machine: string;
  readonly region: string | undefined;
  readonly available: number;
  readonly pricePerHour: number;
}

/** What can be bought, and where it would be added. */
export interface Market {
  /** The cluster before anything is bought: today's nodes, or none. */
  readonly base: ClusterFile;
  readonly offers: readonly Offer[];
  readonly leftOut?: readonly LeftOut[];
  readonly settled?: readonly Settled[];
}

/** What a price list offers, in its order, without the machines that are left out. */
export function listOffers(
  { machines }: PriceList,
  leftOut: readonly Pick<LeftOut, "machine">[],
): readonly Offer[] {
  const left = new Set(leftOut.map(({ machine }) => machine));
  const offered = Object.entries(machines).filter(([machine]) => !left.has(machine));
  return offered.flatMap(([machine, { availability, pricePerHour }]) =>
    availability.map((place) => ({
      machine,
      region: place.region,
      available: place.count,
      pricePerHour: readQuantity("dollarsPerHour", place.pricePerHour ?? pricePerHour!),
    })),
  );
}

/**
 * Offers of a price list for the model of a cluster. With `keep` they are bought beside today's
 * nodes, which cost what they cost already; without it the fleet is bought from nothing. Where both
 * files describe a link class, today's cluster has the word.
 * @throws InputError when a machine is not described anywhere.
 */
export function openMarket(
  file: ClusterFile,
  prices: PriceList,
  keep: boolean,
  referenced?: Model,
  source = SOME_LIST,
): Market {
  const shelf = shelfOf(prices, file, referenced, source);
  const leftOut = listLeftOut(prices, file, referenced);
  const offers = listOffers(prices, leftOut);
  if (offers.length === 0 && leftOut.length > 0) throw refuseAll(leftOut, source);
  const first = offers[0]?.region;
  const listed = {
    ...(first === undefined ? {} : { region: first }),
    ...prices.coordinator,
    ...file.coordinator,
  };
  // Beside today's machines requests come in where they do today.
  const coordinator = keep ? file.coordinator : listed;
  const settled = [
    ...(keep ? [] : settleCoordinator(file, prices, first)),
    ...settleMachines(file, prices),
  ];
  const gpus = { ...shelf.gpus, ...file.gpus };
  const { links, ...classes } = mergeNetworks(file.network, prices.network ?? {});
  return {
    offers,
    ...(leftOut.length === 0 ? {} : { leftOut }),
    ...(settled.length === 0 ? {} : { settled }),
    base: {
      ...file,
      machines: { ...file.machines, ...shelf.machines },
      ...(Object.keys(gpus).length === 0 ? {} : { gpus }),
      nodes: keep ? file.nodes : [],
      network: keep && links !== undefined ? { ...classes, links } : classes,
      ...(coordinator === undefined ? {} : { coordinator }),
    },
  };
}

function refuseAll(leftOut: readonly LeftOut[], source: string): InputError {
  const problems = leftOut.map(({ machine, why }) => ({
    path: `machines.${machine}`,
    found: why,
    expected: "a machine that the engine can run as its figures say, somewhere on the list",
    remedy: 'Describe its cards ("gpu", "gpus") without a profile, or choose another --engine.',
  }));
  return new InputError(source, problems);
}

function mergeNetworks(own: NetworkEntry, listed: NetworkEntry): NetworkEntry {
  const pairKey = (pair: readonly string[]): string => [...pair].sort().join("\n");
  const known = new Set((own.regions ?? []).map(({ between }) => pairKey(between)));
  const regions = [
    ...(own.regions ?? []),
    ...(listed.regions ?? []).filter(({ between }) => !known.has(pairKey(between))),
  ];
  const { regions: _, links: __, ...rest } = listed;
  return { ...rest, ...own, ...(regions.length === 0 ? {} : { regions }) };
}

/** The base with so many machines of every offer. Region pairs that nobody lives in are left out. */
export function buyMix(market: Market, counts: readonly number[]): ClusterFile {
  let file = market.base;
  market.offers.forEach(({ machine, region, pricePerHour }, index) => {
    const bought = { machine, count: counts[index]! };
    const placed = region === undefined ? bought : { ...bought, region };
    file = addNodes(file, placed, () => pricePerHour);
  });
  const { regions } = file.network;
  if (regions === undefined) return file;
  const lived = new Set([...file.nodes.map(({ region }) => region), file.coordinator?.region]);
  const kept = regions.filter(({ between }) => between.every((name) => lived.has(name)));
  return { ...file, network: { ...file.network, regions: kept } };
}

/** The base with one machine of every offer. */
export function everyOffer(market: Market): ClusterFile {
  return buyMix(
    market,
    market.offers.map(({ available }) => Math.min(1, available)),
  );
}

/**
 * Holds a price list against the cluster whose machines are changed, before anything is planned.
 * @param source of the list, for messages.
 * @throws InputError with every machine of it that makes no sense there.
 */
export function requireOffers(
  source: string,
  prices: PriceList,
  file: ClusterFile,
  referenced?: Model,
): void {
  shelfOf(prices, file, referenced, source);
  if (listOffers(prices, listLeftOut(prices, file, referenced)).length === 0) return;
  resolveCluster(source, everyOffer(openMarket(file, prices, true, referenced)), referenced);
}

/** Dollars per hour of a mix, beside the base. */
export function priceOf(
  offers: readonly Pick<Offer, "pricePerHour">[],
  counts: readonly number[],
): number {
  return offers.reduce((sum, { pricePerHour }, index) => sum + counts[index]! * pricePerHour, 0);
}
