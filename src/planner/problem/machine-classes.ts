import type { RegionMap } from "../graph/region-detection.js";
import { degreeOf, machineOf, type Cluster, type Machine } from "../../core/cluster.js";
import { bestCase } from "../../core/interval-capacity.js";
import { layerCount, type LayerInterval } from "../../core/placement.js";

/** What a class's machine can do when it holds so many layers. */
export interface LayerOption {
  readonly layers: number;
  /** Tokens/s: T(k), or what its NIC lets through where that is less. > 0. */
  readonly rate: number;
}

/**
 * Nodes that no type-level model can tell apart: same capacity and NIC, same constraint. A cluster
 * of 10,000 nodes has a handful of classes; models count nodes of a class, never name them.
 */
export interface MachineClass {
  /** Node indices, ascending. Length ≥ 1. */
  readonly nodes: readonly number[];
  /** Ascending by layers. Layer counts at which the machine carries nothing are left out. */
  readonly options: readonly LayerOption[];
  /** The interval every node of the class must hold; `options` then has at most that one entry. */
  readonly pin?: LayerInterval;
  /** Cards of a node that work as one, where the engine keeps one degree along a chain. */
  readonly degree?: number;
}

/**
 * Machines whose cards can be shared out alike: each takes one of the patterns, which says how many nodes
 * of which classes it is then. Such classes have no nodes of their own.
 */
export interface PatternGroup {
  readonly machines: number;
  readonly patterns: readonly (readonly (readonly [machineClass: number, count: number])[])[];
  /** One machine may mix fractions of the patterns: they are too many to list. */
  readonly inFractions?: true;
}

/** Nodes of one region that no model can tell apart. Its options leave out what {@link withoutBeaten} does. */
export interface RegionClass extends MachineClass {
  readonly region: number;
}

/** The constraints that tell nodes of one type apart. */
export interface NodeRestrictions {
  readonly pins: ReadonlyMap<number, LayerInterval>;
  readonly drained: ReadonlySet<number>;
}

/**
 * Groups the nodes that may hold layers, in order of first appearance. Machines with equal figures
 * fall into one class whatever their names, and so do regions: links are not looked at.
 * A node short of the whole model takes in or gives out activations, so its rate is at most
 * NIC / activationBytes; one that holds the whole model moves token ids only. O(nodes + table sizes).
 */
export function groupMachines(
  cluster: Cluster,
  restrictions: NodeRestrictions,
): readonly MachineClass[] {
  const { pins, drained } = restrictions;
  const equal = cluster.equalDegrees === true;
  const apart = (node: number): string =>
    `${pins.get(node)?.join("-") ?? ""} ${equal ? degreeOf(cluster, node) : ""}`;
  return group(cluster, drained, apart).map((nodes) => {
    const pin = pins.get(nodes[0]!);
    const all = listOptions(cluster, machineOf(cluster, nodes[0]!));
    const options =
      pin === undefined ? all : all.filter(({ layers }) => layers === layerCount(pin));
    return {
      nodes,
      options,
      ...(pin === undefined ? {} : { pin }),
      ...(equal ? { degree: degreeOf(cluster, nodes[0]!) } : {}),
    };
  });
}

/** The same by region too, pins not looked at. Classes that can do nothing are left out. */
export function groupByRegion(
  cluster: Cluster,
  regions: Pick<RegionMap, "regionOf">,
  drained: ReadonlySet<number>,
): readonly RegionClass[] {
  const regionOf = (node: number): number => regions.regionOf[node]!;
  return group(cluster, drained, (node) => `${regionOf(node)}`)
    .map((nodes) => ({
      region: regionOf(nodes[0]!),
      nodes,
      options: withoutBeaten(listOptions(cluster, machineOf(cluster, nodes[0]!))),
    }))
    .filter(({ options }) => options.length > 0);
}

/** Nodes that are not drained, by their machine's figures and by what else tells them apart. */
function group(
  cluster: Cluster,
  drained: ReadonlySet<number>,
  apart: (node: number) => string,
): readonly (readonly number[])[] {
  const nodesByKey = new Map<string, number[]>();
  const figures = cluster.machines.map(({ nicBytesPerSecond, capacity }, machine) =>
    JSON.stringify([
      nicBytesPerSecond,
      capacity.byInterval === undefined ? capacity.tokensPerSecond : machine,
    ]),
  );
  cluster.nodes.forEach(({ machine }, node) => {
    if (drained.has(node)) return;
    const key = `${figures[machine]} ${apart(node)}`;
    const members = nodesByKey.get(key);
    if (members === undefined) nodesByKey.set(key, [node]);
    else members.push(node);
  });
  return [...nodesByKey.values()];
}

/** Options that no other one with more layers equals or beats in rate. Ascending by layers, as given. */
export function withoutBeaten(options: readonly LayerOption[]): readonly LayerOption[] {
  let best = 0;
  return options
    .toReversed()
    .filter(({ rate }) => {
      const better = rate > best;
      if (better) best = rate;
      return better;
    })
    .reverse();
}

/** What a machine of the cluster can do by layers held, at best. */
export function listOptions(cluster: Cluster, machine: Machine): readonly LayerOption[] {
  const { layers: modelLayers, activationBytes, tokenBytes } = cluster.model;
  const options: LayerOption[] = [];
  // Models that see counts of layers only are given what is possible at best.
  const capacity = bestCase(machine.capacity);
  const most = Math.min(capacity.maxLayers, modelLayers);
  for (let layers = 1; layers <= most; layers++) {
    const bytes = layers === modelLayers ? tokenBytes : activationBytes;
    const compute = capacity.tokensPerSecond[layers - 1] ?? 0;
    const rate = Math.min(compute, machine.nicBytesPerSecond / bytes);
    if (rate > 0) options.push({ layers, rate });
  }
  return options;
}

/** Rates by layers held, index k − 1, 0 where the class has no such option. Length `most`. */
export function tabulateRates(machines: MachineClass, most: number): Float64Array {
  const rates = new Float64Array(most);
  for (const { layers, rate } of machines.options) if (layers <= most) rates[layers - 1] = rate;
  return rates;
}
