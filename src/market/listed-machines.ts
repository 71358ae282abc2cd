import { InputError, type Problem } from "../core/errors.js";
import { largest } from "../core/extremes.js";
import type { Model } from "../core/model.js";
import type { Engine } from "../engines/engine.js";
import { findEngine } from "../engines/engines.js";
import { refuseCards } from "../engines/tensor-degree.js";
import type { ClusterFile, MachineEntry } from "../formats/cluster-schema.js";
import { formatPath } from "../formats/describe-issues.js";
import type { PriceList } from "../formats/price-list-schema.js";
import { createProblemList } from "../formats/problem-list.js";
import { engineOfCluster } from "../formats/read-engine.js";
import { readQuantity } from "../formats/read-quantity.js";
import { resolveModel } from "../formats/resolve-model.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { MachineShelf } from "./apply-changes.js";

/** A machine of a price list that the engine cannot run, and why. */
export interface LeftOut {
  readonly machine: string;
  readonly why: string;
}

/** What a price list is called in messages where nobody says which file it is. */
export const SOME_LIST = "price list";

/**
 * Descriptions of the machines on a price list.
 * @param referenced the model, where the file only refers to it.
 * @param source of the list, for messages.
 * @throws InputError when machines have none.
 */
export function shelfOf(
  prices: PriceList,
  file: ClusterFile,
  referenced?: Model,
  source = SOME_LIST,
): MachineShelf {
  const rules = rulesOf(file, referenced);
  const problems: Problem[] = [];
  const entries = Object.entries(prices.machines).flatMap(([name, priced]) => {
    const { availability: _, ...own } = priced;
    const described = describe(name, own, file, rules);
    if (described === undefined) problems.push(undescribed(name));
    return described === undefined ? [] : [[name, described] as const];
  });
  if (problems.length > 0) throw new InputError(source, problems);
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
): MachineEntry | undefined {
  const known = Object.hasOwn(file.machines, name) ? file.machines[name] : undefined;
  // In one piece: what it says of some of its figures is not said of another machine's.
  if (known !== undefined) return { ...pricedAs(own), ...known };
  const listed = forAny(own, rules);
  if ([own.gpu, own.cards, own.profile].some((said) => said !== undefined)) return listed;
  const gpu = findGpu(name);
  return gpu === undefined ? undefined : { ...listed, gpu: gpu.name };
}

function pricedAs({ pricePerHour }: MachineEntry): Pick<MachineEntry, "pricePerHour"> {
  return pricePerHour === undefined ? {} : { pricePerHour };
}

function undescribed(name: string): Problem {
  return {
    path: formatPath(["machines", name]),
    found: "neither gpu, cards nor profile",
    expected: "one of them, or the name of a machine of the cluster or of a catalogue GPU",
    remedy: 'Add "gpu": "L4", say.',
  };
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
