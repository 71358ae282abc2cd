import { machineOf, type Cluster } from "../../core/cluster.js";
import { measureSpeeds } from "./node-speeds.js";
import { lowest } from "./sweep-state.js";

/** What a sweep knows of the nodes, whatever the flow. Nodes are indices into the list it was made of. */
export interface SweepNodes {
  readonly count: number;
  readonly layers: number;
  /** Tokens/s with an interval, as far as node and NIC go. 0: it does not fit. */
  rate(node: number, start: number, end: number): number;
  /** The most with an interval from `start` to `end` or further. */
  rateFrom(node: number, start: number, end: number): number;
  /** Whether it passes so much with so many layers, its NIC apart. */
  holds(node: number, layers: number, flow: number): boolean;
  readonly entry: Float64Array;
  readonly exit: Float64Array;
  /** `links[from * count + to]`. */
  readonly links: Float64Array;
  /** Per node: those to which a link leads, as bits. */
  readonly leadsTo: Int32Array;
  /** Per node: the one before it of those that nothing tells apart, or -1. */
  readonly twinBefore: Int32Array;
  readonly coordinator: number;
  /** Whether no NIC passes less where a node gets activations than where it gets tokens of the coordinator. */
  readonly entersAnywhere: boolean;
  /** Best rates by size, never rising. */
  readonly best: readonly Float64Array[];
}

/** O(nodes² · (nodes + layers)). */
export function describeSweepNodes(cluster: Cluster, nodes: readonly number[]): SweepNodes {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const count = nodes.length;
  const speeds = measureSpeeds(cluster);
  const best = nodes.map((node) => speeds.best(node));
  const nics = nodes.map((node, i) => {
    const { nicBytesPerSecond } = machineOf(cluster, node);
    // One that never binds tells no nodes apart.
    return nicBytesPerSecond / activationBytes >= best[i]![1]! ? Infinity : nicBytesPerSecond;
  });
  const entry = Float64Array.from(nodes, (node) => speeds.entry(node));
  const exit = Float64Array.from(nodes, (node) => speeds.exit(node));
  const links = new Float64Array(count * count);
  const leadsTo = new Int32Array(count);
  nodes.forEach((from, i) =>
    nodes.forEach((to, j) => {
      if (i === j) return;
      links[i * count + j] = speeds.between(from, to);
      if (links[i * count + j]! > 0) leadsTo[i]! |= 1 << j;
    }),
  );
  const alike = (a: number, b: number): boolean => {
    if (nics[a] !== nics[b] || entry[a] !== entry[b] || exit[a] !== exit[b]) return false;
    if (best[a]!.some((rate, k) => rate !== best[b]![k])) return false;
    if (links[a * count + b] !== links[b * count + a]) return false;
    return nodes.every(
      (_, c) =>
        c === a ||
        c === b ||
        (links[a * count + c] === links[b * count + c] &&
          links[c * count + a] === links[c * count + b]),
    );
  };
  const twinBefore = Int32Array.from(nodes, (_, b) => {
    for (let a = b - 1; a >= 0; a--) if (alike(a, b)) return a;
    return -1;
  });
  const rateOf = (node: number, start: number, size: number, isLast: boolean): number => {
    const nicIn = nics[node]! / (start === 0 ? tokenBytes : activationBytes);
    const nicOut = nics[node]! / (isLast ? tokenBytes : activationBytes);
    return Math.min(best[node]![size]!, nicIn, nicOut);
  };
  return {
    count,
    layers,
    rate: (node, start, end) => rateOf(node, start, end - start, end === layers),
    rateFrom: (node, start, end) => rateOf(node, start, end - start, true),
    holds: (node, size, flow) => size <= layers && best[node]![size]! >= flow,
    entry,
    exit,
    links,
    leadsTo,
    twinBefore,
    coordinator: speeds.coordinator,
    entersAnywhere: nics.every((nic) => nic === Infinity),
    best,
  };
}

/** What nodes can still do at a flow, layers·tokens/s. */
export interface SweepLimits {
  readonly flow: number;
  /** By node, if they are known: what covers a layer costs the flow or more, where each layer of a node of k costs 1/k of its price. */
  readonly prices: Float64Array | undefined;
  /**
   * Most work of nodes that are to start behind layer 0, all together, when only `others` are still to end: it is from them
   * that their tokens come, and to them that those go. Sets are bits.
   */
  freshWork(fresh: number, others: number): number;
  /** Most layers, at least `held`, with which it passes a rate. */
  findLargest(node: number, held: number, rate: number): number;
  /** Most work after its first `held` layers of a node that holds at most `most`. */
  rest(node: number, held: number, most: number): number;
  /**
   * Most work of a node that holds `held` to `most` layers: `since` of the first `held` ones, with no more than
   * `brought`, and all after them.
   */
  between(
    node: number,
    done: { readonly held: number; readonly since: number; readonly brought: number },
    most: number,
  ): number;
}

/** Sets of nodes whose work is kept. */
const MOST_KNOWN = 50_000;

/** O(nodes · layers²). */
export function limitSweepNodes(
  nodes: SweepNodes,
  flow: number,
  prices: Float64Array | undefined,
): SweepLimits {
  const { count, layers, best, links, exit } = nodes;
  /** `tables[node][held * (layers + 1) + most]`: the most of (k − held)·min(T(k), F) over held < k ≤ most. */
  const known = new Map<string, Float64Array>();
  const tables = best.map((rates) => {
    const key = rates.join(" ");
    let table = known.get(key);
    if (table === undefined) {
      table = new Float64Array((layers + 1) * (layers + 1));
      for (let held = 0; held <= layers; held++) {
        for (let k = held + 1; k <= layers; k++) {
          const at = held * (layers + 1) + k;
          table[at] = Math.max(table[at - 1]!, (k - held) * Math.min(rates[k]!, flow));
        }
      }
      known.set(key, table);
    }
    return table;
  });
  /** Of one node. */
  const workAmong = (i: number, others: number): number => {
    const rates = best[i]!;
    let [received, sent] = [0, 0];
    for (let set = others & ~(1 << i); set !== 0; set &= set - 1) {
      const j = lowest(set);
      received += links[j * count + i]!;
      sent += links[i * count + j]!;
    }
    const passed = Math.min(flow, received, Math.max(sent, exit[i]!));
    let most = 0;
    for (let k = 1; k < layers; k++) most = Math.max(most, k * Math.min(rates[k]!, passed));
    return most;
  };
  const findLargest = (node: number, held: number, rate: number): number => {
    const rates = best[node]!;
    let [low, high] = [held, layers];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (rates[middle]! >= rate && rates[middle]! > 0) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const rest = (node: number, held: number, most: number): number =>
    tables[node]![held * (layers + 1) + most]!;
  /** By node, layers not counted and size: the most of (k − not counted)·min(T(k), F) over larger sizes up to any. */
  const rows = best.map((): (Float64Array | undefined)[] => []);
  const workFrom = (node: number, uncounted: number, above: number): Float64Array => {
    const key = uncounted * (layers + 1) + above;
    const known = rows[node]![key];
    if (known !== undefined) return known;
    const row = new Float64Array(layers + 1);
    for (let k = above + 1; k <= layers; k++)
      row[k] = Math.max(row[k - 1]!, (k - uncounted) * Math.min(best[node]![k]!, flow));
    rows[node]![key] = row;
    return row;
  };
  const knownWork = new Map<number, number>();
  return {
    flow,
    prices,
    freshWork(fresh, others) {
      const key = fresh * 2 ** count + others;
      let work = knownWork.get(key);
      if (work !== undefined) return work;
      work = 0;
      for (let set = fresh; set !== 0; set &= set - 1) work += workAmong(lowest(set), others);
      if (knownWork.size >= MOST_KNOWN) knownWork.clear();
      knownWork.set(key, work);
      return work;
    },
    findLargest,
    rest,
    between(node, { held, since, brought }, most) {
      if (most < held) return 0;
      // With up to `slow` layers it is faster than what was brought, with more than that slower.
      const full = brought >= since * Math.min(best[node]![held]!, flow);
      const slow = full ? held - 1 : findLargest(node, held, brought / since);
      const late = slow < most ? workFrom(node, held - since, slow)[most]! : 0;
      return full ? late : Math.max(late, brought + rest(node, held, Math.min(slow, most)));
    },
  };
}
