import { InputError } from "../core/errors.js";
import type { Model } from "../core/model.js";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PriceList } from "../formats/price-list-schema.js";
import { applyChanges, EMPTY_SHELF } from "./apply-changes.js";
import type { Scenario } from "./change.js";
import type { ExtraMachine } from "./marginal-trials.js";
import { entryAtPrice, priceOfEntry } from "./entry-price.js";
import { listedPrice, listLeftOut, shelfOf } from "./listed-machines.js";
import { listOffers } from "./market.js";
import { TODAY } from "./scenario-result.js";
import type { ScenarioJob, ScenarioPlanning } from "./scenario.js";

/** The cluster that scenarios change: its file, and the model that the file refers to, if it does. */
export interface Today {
  readonly file: ClusterFile;
  readonly referencedModel?: Model;
}

/** How to ask what-if questions. Everything has a default. */
export interface WhatIfOptions {
  /** Prices, machines that can be added, and what can be bought where. */
  readonly prices?: PriceList;
  /** How every cluster is planned. Without a limit: 20 s of wall clock for each. */
  readonly planning?: Partial<ScenarioPlanning>;
  /** Worker threads; 0 plans in the calling thread. Default 2. */
  readonly threads?: number;
  /** Gives up what is not done yet. */
  readonly signal?: AbortSignal;
}

/** Machines of the cluster without a price get that of the list, in the region where they are if it names one. */
export function withListedPrices(file: ClusterFile, prices: PriceList | undefined): ClusterFile {
  const machines = Object.entries(file.machines).map(([name, machine]) => {
    const listed = prices?.machines[name];
    const price =
      machine.pricePerHour ?? listed?.pricePerHour ?? listed?.availability[0]?.pricePerHour;
    return [name, price === undefined ? machine : { ...machine, pricePerHour: price }] as const;
  });
  const priced = { ...file, machines: Object.fromEntries(machines) };
  if (prices === undefined) return priced;
  const nodes = file.nodes.map((entry) =>
    priceOfEntry(file, entry) === undefined
      ? entryAtPrice(priced, entry, listedPrice(prices, entry.machine, entry.region))
      : entry,
  );
  return { ...priced, nodes };
}

/**
 * What to plan for a comparison: today first, then every scenario. Machines that scenarios add come
 * from the price list, where there is one.
 * @throws InputError when a scenario cannot be applied, or has the name of what it is compared with.
 */
export function listScenarioJobs(
  today: Today,
  scenarios: readonly Scenario[],
  planning: ScenarioPlanning,
  prices: PriceList | undefined,
): readonly ScenarioJob[] {
  if (scenarios.some(({ name }) => name === TODAY)) throw takenName();
  const shelf =
    prices === undefined ? EMPTY_SHELF : shelfOf(prices, today.file, today.referencedModel);
  return [{ name: TODAY, changes: [] }, ...scenarios].map((scenario) => ({
    ...today,
    name: scenario.name,
    file: requireMachines(scenario, applyChanges(today.file, scenario, shelf)),
    planning,
  }));
}

/** Said before anything is planned: other scenarios would be lost with it. */
function requireMachines({ name }: Pick<Scenario, "name">, file: ClusterFile): ClusterFile {
  if (file.nodes.length > 0) return file;
  throw new InputError(name, [
    {
      path: "nodes",
      found: "no machine left",
      expected: "a machine at least",
      remedy: "Leave some machines, or leave the scenario out.",
    },
  ]);
}

function takenName(): InputError {
  return new InputError("scenarios", [
    {
      path: "name",
      found: `"${TODAY}"`,
      expected: "another name: that is the cluster's as it is, which scenarios are compared with",
      remedy: "Call the scenario something else.",
    },
  ]);
}

/** Kinds of machines of which one more is tried: those in use, then those on the price list that the engine can run. */
export function listExtras(
  { file, referencedModel }: Today,
  prices: PriceList | undefined,
): readonly ExtraMachine[] {
  const listed =
    prices === undefined ? [] : listOffers(prices, listLeftOut(prices, file, referencedModel));
  const all = [...file.nodes, ...listed];
  const byKey = new Map(all.map((kind) => [JSON.stringify([kind.machine, kind.region]), kind]));
  return [...byKey.values()].map(({ machine, region }) => ({
    machine,
    ...(region === undefined ? {} : { region }),
  }));
}
