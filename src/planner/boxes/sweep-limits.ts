import { machineOf, type Cluster } from "../../core/cluster.js";
import { measureSpeeds } from "./node-speeds.js";

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
    best,
  };
}

/** What nodes can still do at a flow, layers·tokens/s. */
export interface SweepLimits {
  readonly flow: number;
  /** Most work of a node that holds nothing so far. */
  readonly unused: Float64Array;
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

/** O(nodes · layers²). */
export function limitSweepNodes(nodes: SweepNodes, flow: number): SweepLimits {
  const { count, layers, best, links, entry, exit } = nodes;
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
  const unused = Float64Array.from(best, (rates, i) => {
    let [received, sent] = [0, 0];
    for (let j = 0; j < count; j++) {
      received += links[j * count + i]!;
      sent += links[i * count + j]!;
    }
    const parted = Math.max(Math.min(received + entry[i]!, sent), Math.min(received, exit[i]!));
    const whole = Math.min(received + entry[i]!, exit[i]!, rates[layers]!, flow);
    let most = layers * whole;
    for (let k = 1; k < layers; k++) most = Math.max(most, k * Math.min(rates[k]!, flow, parted));
    return most;
  });
  return {
    flow,
    unused,
    findLargest(node, held, rate) {
      const rates = best[node]!;
      let [low, high] = [held, layers];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (rates[middle]! >= rate && rates[middle]! > 0) low = middle;
        else high = middle - 1;
      }
      return low;
    },
    rest: (node, held, most) => tables[node]![held * (layers + 1) + most]!,
    between(node, { held, since, brought }, most) {
      const rates = best[node]!;
      let work = 0;
      for (let k = held; k <= most; k++) {
        const rate = Math.min(rates[k]!, flow);
        work = Math.max(work, Math.min(since * rate, brought) + (k - held) * rate);
      }
      return work;
    },
  };
}
