import { InputError } from "../core/errors.js";
import type { Model } from "../core/model.js";
import type { Engine } from "../engines/engine.js";
import { largest } from "../core/extremes.js";
import { findEngine } from "../engines/engines.js";
import { engineOfCluster } from "../formats/read-engine.js";
import { refuseCards } from "../engines/tensor-degree.js";
import { createProblemList } from "../formats/problem-list.js";
import { resolveModel } from "../formats/resolve-model.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { ClusterFile, MachineEntry, NetworkEntry } from "../formats/cluster-schema.js";
import type { PriceList } from "../formats/price-list-schema.js";
import { readQuantity } from "../formats/read-quantity.js";
import type { MachineShelf } from "./apply-changes.js";
import { addNodes } from "./edit-nodes.js";

/** So many machines of a type can be had in a region at a price. */
export interface Offer {
  readonly machine: string;
  readonly region: string | undefined;
  readonly available: number;
  readonly pricePerHour: number;
}

/** A machine of a price list that the engine cannot run, and why. */
export interface LeftOut {
  readonly machine: string;
  readonly why: string;
}

/** What can be bought, and where it would be added. */
export interface Market {
  /** The cluster before anything is bought: today's nodes, or none. */
  readonly base: ClusterFile;
  readonly offers: readonly Offer[];
  readonly leftOut?: readonly LeftOut[];
}

/**
 * Descriptions of the machines on a price list.
 * @param referenced the model, where the file only refers to it.
 * @throws InputError when one has none.
 */
export function shelfOf(prices: PriceList, file: ClusterFile, referenced?: Model): MachineShelf {
  const rules = rulesOf(file, referenced);
  const entries = Object.entries(prices.machines).map(([name, priced]) => {
    const { availability: _, ...own } = priced;
    return [name, describe(name, own, file, rules)] as const;
  });
  return {
    machines: Object.fromEntries(entries),
    gpus: prices.gpus ?? {},
    priceIn: (machine, region) => listedPrice(prices, machine, region),
    ...(prices.network === undefined ? {} : { network: prices.network }),
  };
}

function describe(
  name: string,
  own: MachineEntry,
  file: ClusterFile,
  rules: CardRules,
): MachineEntry {
  const known = Object.hasOwn(file.machines, name) ? file.machines[name] : undefined;
  if (known !== undefined) return { ...own, ...known };
  const listed = forAny(own, rules);
  if (own.gpu !== undefined || own.profile !== undefined) return listed;
  const gpu = findGpu(name);
  if (gpu !== undefined) return { ...listed, gpu: gpu.name };
  throw new InputError("price list", [
    {
      path: `machines.${name}`,
      found: "neither gpu nor profile",
      expected: "one of them, or the name of a machine of the cluster or of a catalogue GPU",
      remedy: 'Add "gpu": "L4", say.',
    },
  ]);
}

/** What the cards of a listed machine have to work together for. */
interface CardRules {
  readonly engine: Engine;
  /** Undefined where it is not known: the cluster is refused for that. */
  readonly model: Model | undefined;
}

function rulesOf(file: ClusterFile, referenced: Model | undefined): CardRules {
  const engine = findEngine(engineOfCluster(file.engine)?.name ?? "helix");
  return { engine, model: resolveModel(file.model, referenced, createProblemList()) };
}

/**
 * A price list is for any engine and model: of the degrees that it names stay those which these can run. Where they can
 * run none, cards are shared out as if it named none, which is said of what is bought.
 */
function forAny(listed: MachineEntry, { engine, model }: CardRules): MachineEntry {
  const { tensorParallel: said, ...own } = listed;
  if (engine.tensorParallel === "none") return own;
  if (model === undefined || said === undefined || said === "auto") return listed;
  const cards = largest(
    (own.cards ?? []).map(({ count = 1 }) => count),
    own.gpus ?? 1,
  );
  const named = said === "whole" ? [cards] : [said].flat();
  // More than it has cards is a slip of the list, which is named.
  const runs = named.filter((degree) => degree > cards || !refuseCards(engine, model, degree));
  if (runs.length === named.length) return listed;
  return runs.length === 0 ? own : { ...own, tensorParallel: runs };
}

/** What a price list asks for a machine in a region; undefined where it has none there. */
export function listedPrice(
  { machines }: PriceList,
  machine: string,
  region: string | undefined,
): number | undefined {
  const listed = Object.hasOwn(machines, machine) ? machines[machine] : undefined;
  const place = listed?.availability.find((one) => one.region === region);
  if (place === undefined) return undefined;
  return readQuantity("dollarsPerHour", place.pricePerHour ?? listed!.pricePerHour!);
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
): Market {
  const shelf = shelfOf(prices, file, referenced);
  const leftOut = listLeftOut(prices, file, referenced);
  const offers = listOffers(prices, leftOut);
  if (offers.length === 0 && leftOut.length > 0) throw refuseAll(leftOut);
  const first = offers[0]?.region;
  const listed = {
    ...(first === undefined ? {} : { region: first }),
    ...prices.coordinator,
    ...file.coordinator,
  };
  // Beside today's machines requests come in where they do today.
  const coordinator = keep ? file.coordinator : listed;
  const gpus = { ...shelf.gpus, ...file.gpus };
  const { links, ...classes } = mergeNetworks(file.network, prices.network ?? {});
  return {
    offers,
    ...(leftOut.length === 0 ? {} : { leftOut }),
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

function refuseAll(leftOut: readonly LeftOut[]): InputError {
  const problems = leftOut.map(({ machine, why }) => ({
    path: `machines.${machine}`,
    found: why,
    expected: "a machine that the engine can run as its figures say, somewhere on the list",
    remedy: 'Describe its cards ("gpu", "gpus") without a profile, or choose another --engine.',
  }));
  return new InputError("price list", problems);
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
 * Machines of the list whose figures are given for all their cards as one node, where this engine cannot run so many as one.
 * They are left out, and said to be: a list is for any engine and model.
 */
export function listLeftOut(
  prices: PriceList,
  file: ClusterFile,
  referenced?: Model,
): readonly LeftOut[] {
  const { engine, model } = rulesOf(file, referenced);
  if (model === undefined) return [];
  const { machines } = shelfOf(prices, file, referenced);
  return Object.entries(machines).flatMap(([machine, { profile, gpus = 1 }]) => {
    const why = profile && refuseCards(engine, model, gpus);
    return why === undefined ? [] : [{ machine, why }];
  });
}

/** Dollars per hour of a mix, beside the base. */
export function priceOf(
  offers: readonly Pick<Offer, "pricePerHour">[],
  counts: readonly number[],
): number {
  return offers.reduce((sum, { pricePerHour }, index) => sum + counts[index]! * pricePerHour, 0);
}
