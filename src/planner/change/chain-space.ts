import { degreeOf } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import type { PlanningProblem } from "../problem/problem.js";
import { listIntervals } from "./keep-close.js";
import { classify } from "./cover-model.js";
import type { LoadBytes } from "./load-bytes.js";
import { bestLink } from "./region-rows.js";

/** Nodes that are alike in machine, region, degree and what they hold. */
export interface ChainClass {
  readonly nodes: readonly number[];
  readonly region: number;
  readonly machine: number;
  readonly held: LayerInterval | null;
  /** By start and layers, start · layers of the model + layers − 1: what a node loads for it, in layers of the largest kind. */
  readonly bytes: Float64Array;
  /** As above: the most layers less one that it may hold from there for the same bytes. */
  readonly free: Int16Array;
}

/** Chains that carry at least `least` tokens/s and less than the next level's. */
export interface RateLevel {
  readonly least: number;
  /** Of the floor: what they count for, which is the most that one of them carries. */
  readonly share: number;
  /** By class and start, class · layers + start: most layers of a node that is so fast. */
  readonly reach: Int16Array;
  /** Whether so much goes from a region to another, through others where that is better. */
  readonly crosses: readonly (readonly boolean[])[];
}

/** Everything that chains of a change can be made of. */
export interface ChainSpace {
  readonly layers: number;
  readonly classes: readonly ChainClass[];
  /** Nodes by machine type. */
  readonly machines: ReadonlyMap<number, number>;
  /**
   * Classes that hold all layers and compute most when they do. Chains of two and more of their nodes alone are left out: each node
   * by itself carries as much together, and loads nothing.
   */
  readonly whole: ReadonlySet<number>;
  /** By class and start, class · layers + start: the first class whose nodes differ from its own by their price alone from there on. */
  readonly alike: Int32Array;
  /** Classes that may stand in one chain; all together but where chains are of one degree. */
  readonly kinds: readonly (readonly number[])[];
  readonly regions: number;
  /** Ascending. */
  readonly levels: readonly RateLevel[];
}

/** Rates that are told apart; where there are more, neighbours are taken as the fastest of them. */
const MOST_LEVELS = 400;
/** Looks of one pricing of all levels at most: a tenth of a second. */
const MOST_LOOKS = 2e7;
/** What rounding may take of a rate. */
const RATE_ROUNDING = 1e-9;

/**
 * The classes and rates of chains under `chainsOnly`. A chain's rate is that of its slowest node or link, so few rates are
 * possible. Between regions each link is taken to be as good as the best one, and those to the coordinator carry all: what is proven of
 * such chains holds for the true ones.
 * @returns undefined where they are too many to be priced.
 */
export function listChainSpace(
  problem: PlanningProblem,
  load: LoadBytes,
  floor: number,
  mostLevels = MOST_LEVELS,
): ChainSpace | undefined {
  const { cluster, constraints } = problem;
  const { layers } = cluster.model;
  const classes: ChainClass[] = [];
  const rates: Float64Array[] = [];
  const machines = new Map<number, number>();
  const whole = new Set<number>();
  for (const nodes of classify(problem, load)) {
    const [node] = nodes as readonly [number];
    const pin = constraints.pins.get(node);
    const own = {
      rate: new Float64Array(layers ** 2),
      bytes: new Float64Array(layers ** 2).fill(Infinity),
    };
    if (pin !== undefined) own.rate[indexOf(layers, pin)] = capacityOf(cluster, node, pin);
    for (const interval of listIntervals(layers, mostLayers(cluster, node))) {
      const at = indexOf(layers, interval);
      // What is pinned loads all of it, however little of it is of use in a chain.
      const isPart = pin === undefined || (pin[0] <= interval[0] && interval[1] <= pin[1]);
      if (pin === undefined) own.rate[at] = capacityOf(cluster, node, interval);
      if (isPart) own.bytes[at] = load.of(node, pin ?? interval) / load.largestLayer;
    }
    const { region, machine } = cluster.nodes[node]!;
    machines.set(machine, (machines.get(machine) ?? 0) + nodes.length);
    const free = listFree(layers, own.bytes);
    if (isWhole(layers, own.rate, own.bytes)) whole.add(classes.length);
    classes.push({ nodes, region, machine, held: load.held[node] ?? null, bytes: own.bytes, free });
    rates.push(own.rate);
  }
  const links = cluster.regions.map((_, from) =>
    cluster.regions.map((__, to) => bestLink(cluster, from, to)),
  );
  const possible = [...new Set([...rates.flatMap((own) => [...own]), ...links.flat()])]
    .filter((rate) => rate > 0 && Number.isFinite(rate))
    .sort((a, b) => a - b);
  const size = Math.ceil(possible.length / mostLevels);
  const most = classes.reduce((sum, { nodes }) => sum + mostLayers(cluster, nodes[0]!), 0);
  if (Math.ceil(possible.length / size) * most * layers > MOST_LOOKS) return undefined;
  const levels = possible
    .filter((_, at) => at % size === 0)
    .map((least, at): RateLevel => {
      const rate = possible[Math.min((at + 1) * size, possible.length) - 1]!;
      const reach = listReach(rates, least, layers);
      return { least, share: rate / floor, reach, crosses: listCrosses(links, least) };
    })
    .filter(({ reach }) => canBe(classes, reach, layers));
  const kinds = new Map<number, number[]>();
  classes.forEach(({ nodes }, at) => {
    const degree = cluster.equalDegrees === true ? degreeOf(cluster, nodes[0]!) : 0;
    kinds.set(degree, [...(kinds.get(degree) ?? []), at]);
  });
  return {
    layers,
    classes,
    machines,
    whole,
    alike: listAlike(layers, classes, whole),
    kinds: [...kinds.values()],
    regions: links.length,
    levels,
  };
}

/** Where an interval stands in what is known by start and layers. */
export function indexOf(layers: number, [start, end]: LayerInterval): number {
  return start * layers + end - start - 1;
}

/** Whether a node loads nothing whatever it is to hold, and computes most layers in a second when it holds all. */
function isWhole(layers: number, rate: Float64Array, bytes: Float64Array): boolean {
  const all = rate[layers - 1]! * layers;
  return (
    bytes[layers - 1] === 0 &&
    rate.every((own, at) => own * ((at % layers) + 1) <= all * (1 + RATE_ROUNDING))
  );
}

/**
 * A node may hold more layers for the same bytes: whoever comes next then holds as many less, or is not needed. So only the most
 * layers for the same bytes are looked at.
 */
function listFree(layers: number, bytes: Float64Array): Int16Array {
  const free = new Int16Array(layers ** 2);
  for (let start = 0; start < layers; start++)
    for (let more = layers - start - 1; more >= 0; more--) {
      const at = start * layers + more;
      free[at] = more + 1 < layers - start && bytes[at + 1] === bytes[at] ? free[at + 1]! : more;
    }
  return free;
}

/**
 * By class and start, the first class of the same machine type and region whose nodes load as much for each interval from there. A node
 * that is alone in its class and holds layers on both sides is like no other: a chain may have taken it already, and needs the other then.
 */
function listAlike(
  layers: number,
  classes: readonly ChainClass[],
  whole: ReadonlySet<number>,
): Int32Array {
  const alike = new Int32Array(classes.length * layers);
  for (let start = 0; start < layers; start++) {
    const first = new Map<string, number>();
    for (const [at, { nodes, held, machine, region, bytes }] of classes.entries()) {
      const own = bytes.subarray(start * layers, (start + 1) * layers).join();
      const taken = nodes.length === 1 && held !== null && held[0] < start && start < held[1];
      const alone = taken ? nodes[0] : "";
      const key = `${machine} ${region} ${String(whole.has(at))} ${alone} ${own}`;
      if (!first.has(key)) first.set(key, at);
      alike[at * layers + start] = first.get(key)!;
    }
  }
  return alike;
}

function listCrosses(
  links: readonly (readonly number[])[],
  least: number,
): readonly (readonly boolean[])[] {
  const crosses = links.map((row) => row.map((link) => link >= least));
  links.forEach((_, through) => {
    for (const row of crosses)
      if (row[through]!) row.forEach((own, to) => (row[to] = own || crosses[through]![to]!));
  });
  return crosses;
}

/** The most layers that are fast enough; fewer are taken to be, too, and the last ones of as many. */
function listReach(rates: readonly Float64Array[], least: number, layers: number): Int16Array {
  const reach = new Int16Array(rates.length * layers);
  rates.forEach((own, at) => {
    for (let start = 0; start < layers; start++) {
      let most = layers - start;
      while (most > 0 && own[start * layers + most - 1]! < least) most--;
      const before = start === 0 ? 0 : reach[at * layers + start - 1]! - 1;
      reach[at * layers + start] = Math.max(most, before);
    }
  });
  return reach;
}

/** Whether all nodes together hold the layers at this rate. */
function canBe(classes: readonly ChainClass[], reach: Int16Array, layers: number): boolean {
  const held = classes.reduce((sum, { nodes }, at) => {
    const most = reach.subarray(at * layers, (at + 1) * layers).reduce((a, b) => Math.max(a, b), 0);
    return sum + nodes.length * most;
  }, 0);
  return held >= layers;
}
