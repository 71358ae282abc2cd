import type { LayerInterval, Placement } from "../../core/placement.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { LoadBytes } from "./load-bytes.js";

/** Longer chains have too many sets of nodes. */
const MOST_NODES = 12;
/** Sets of nodes times intervals at most: half a second. */
const MOST_STEPS = 1e8;
/** What rounding may take of a rate. */
const ROUNDING = 1e-9;

interface RelayOptions {
  readonly floor: number;
  readonly shouldStop: () => boolean;
  /** Nodes keep how many layers they hold: chains change their order alone, and serve much as before. */
  readonly keepSizes?: boolean;
}

/**
 * Lays the layers of each chain that loads something anew over the chain's own nodes, in the order and the sizes that load
 * least: dynamic programming over borders and sets of nodes. A chain may become slower by what the placement carries
 * above the floor. Moves of single nodes do not find this, as each of them breaks the chain. Chains that loads nothing would
 * help are not mixed with others. @returns a placement that carries the floor and loads no more than the one given, which must
 * carry it. O(layers · 2^nodes · nodes · layers of a node) per chain.
 */
export function relayChains(
  problem: PlanningProblem,
  load: LoadBytes,
  start: Placement,
  { floor, shouldStop, keepSizes = false }: RelayOptions,
): Placement {
  if (problem.constraints.chainsOnly !== true) return start;
  let best = start;
  for (const chain of listChains(problem, start)) {
    const bytes = chain.reduce((sum, node) => sum + load.of(node, best[node]!), 0);
    if (bytes === 0 || chain.length > MOST_NODES || shouldStop()) continue;
    const slowest = Math.min(
      ...chain.map((node) => capacityOf(problem.cluster, node, best[node]!)),
    );
    const spare = Math.max(0, measureThroughput(problem, best) - floor);
    const rate = (slowest - spare) * (1 - ROUNDING);
    const isOpen = (node: number, [from, to]: LayerInterval): boolean =>
      !keepSizes || to - from === best[node]![1] - best[node]![0];
    const laid = layLeast(problem, load, chain, { rate, isOpen });
    if (laid === undefined) continue;
    const placement = best.map((interval, node) =>
      chain.includes(node) ? (laid.get(node) ?? null) : interval,
    );
    const fewer = load.total(placement) < load.total(best);
    if (fewer && measureThroughput(problem, placement) >= floor) best = placement;
  }
  return best;
}

/** Nodes one of which starts where another ends, from the first layer to the last; alike ones together where there is a choice. */
function listChains({ cluster }: PlanningProblem, placement: Placement): readonly number[][] {
  const free = new Set(placement.flatMap((interval, node) => (interval === null ? [] : [node])));
  const chains: number[][] = [];
  for (const first of [...free].filter((node) => placement[node]![0] === 0)) {
    const chain = [first];
    free.delete(first);
    for (let border = placement[first]![1]; border < cluster.model.layers;) {
      const next = [...free].filter((node) => placement[node]![0] === border);
      const alike = next.find((node) => isAlike(cluster.nodes, node, first)) ?? next[0];
      if (alike === undefined) break;
      chain.push(alike);
      free.delete(alike);
      border = placement[alike]![1];
    }
    if (placement[chain.at(-1)!]![1] === cluster.model.layers) chains.push(chain);
  }
  return chains;
}

function isAlike(nodes: PlanningProblem["cluster"]["nodes"], a: number, b: number): boolean {
  return nodes[a]!.machine === nodes[b]!.machine && nodes[a]!.region === nodes[b]!.region;
}

/** Intervals of nodes of the chain that hold each layer once, all at least so fast, with the fewest bytes. */
function layLeast(
  { cluster, constraints }: PlanningProblem,
  load: LoadBytes,
  chain: readonly number[],
  {
    rate,
    isOpen,
  }: {
    readonly rate: number;
    readonly isOpen: (node: number, interval: LayerInterval) => boolean;
  },
): ReadonlyMap<number, LayerInterval> | undefined {
  const { layers } = cluster.model;
  const sets = 1 << chain.length;
  const choices = chain.map((node) =>
    Array.from({ length: layers }, (_, from): readonly LayerInterval[] =>
      Array.from(
        { length: Math.min(mostLayers(cluster, node), layers - from) },
        (__, size): LayerInterval => [from, from + size + 1],
      ).filter((interval) => {
        const pin = constraints.pins.get(node);
        const pinned = pin === undefined || String(pin) === String(interval);
        if (!pinned || !isOpen(node, interval)) return false;
        return capacityOf(cluster, node, interval) >= rate;
      }),
    ),
  );
  const intervals = choices.flat().reduce((sum, each) => sum + each.length, 0);
  if (intervals * sets > MOST_STEPS) return undefined;
  /** By layers laid and set of nodes used. */
  const cost = new Float64Array((layers + 1) * sets).fill(Infinity);
  const cameBy = new Int32Array(cost.length);
  cost[0] = 0;
  for (let from = 0; from < layers; from++)
    for (let at = 0; at < chain.length; at++)
      for (const [, to] of choices[at]![from]!) {
        const more = load.of(chain[at]!, [from, to]);
        for (let set = 0; set < sets; set++) {
          const known = cost[from * sets + set]!;
          if (known === Infinity || (set & (1 << at)) !== 0) continue;
          const next = to * sets + (set | (1 << at));
          if (known + more >= cost[next]!) continue;
          cost[next] = known + more;
          cameBy[next] = from * chain.length + at;
        }
      }
  const ends = Array.from({ length: sets }, (_, set) => layers * sets + set);
  let state = ends.reduce((least, each) => (cost[each]! < cost[least]! ? each : least));
  if (cost[state] === Infinity) return undefined;
  const laid = new Map<number, LayerInterval>();
  while (state > 0) {
    const [to, set] = [Math.floor(state / sets), state % sets];
    const at = cameBy[state]! % chain.length;
    const from = Math.floor(cameBy[state]! / chain.length);
    laid.set(chain[at]!, [from, to]);
    state = from * sets + (set ^ (1 << at));
  }
  return laid;
}
