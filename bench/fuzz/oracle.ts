import type { RawCluster, RawConstraints, RawInterval } from "./raw-cluster.js";

/**
 * What a cluster file can carry, worked out from the definitions in docs/formulation.md by trying
 * everything. Shares nothing with the program: own reading of links, own flows, no bounds but the sum of
 * rates over a layer.
 */

/** Tokens/s that the link between two nodes carries in bytes; 0 = no link. The most specific entry counts. */
function bandwidth(cluster: RawCluster, from: number, to: number): number {
  const { network, nodes, coordinator } = cluster;
  const idOf = (node: number): string => (node < 0 ? "coordinator" : nodes[node]!.id);
  const regionOf = (node: number): string => (node < 0 ? coordinator.region : nodes[node]!.region);
  const own = network.links.find((link) => link.from === idOf(from) && link.to === idOf(to));
  if (own !== undefined) return own.bandwidth;
  const [a, b] = [regionOf(from), regionOf(to)];
  const pair = network.regions.find(
    ({ between: [x, y] }) => (x === a && y === b) || (x === b && y === a),
  );
  if (pair !== undefined) return pair.bandwidth;
  return a === b ? network.withinRegion.bandwidth : network.acrossRegions.bandwidth;
}

/** A placement's capacities: links between holders, what passes through every holder. */
interface Carrying {
  readonly holders: readonly number[];
  /** Tokens/s from holder to holder by their places in `holders`; −1 stands for the coordinator. */
  readonly link: (from: number, to: number) => number;
  readonly inside: readonly number[];
  readonly coordinator: number;
}

function carryingOf(
  cluster: RawCluster,
  { partialInference, chainsOnly }: RawConstraints,
  placement: readonly RawInterval[],
): Carrying {
  const { activationBytes, tokenBytes, layers } = cluster.model;
  const partial = partialInference && chainsOnly !== true;
  const holders = placement.flatMap((interval, node) => (interval === null ? [] : [node]));
  const size = holders.length + 1;
  const links = new Float64Array(size * size);
  const receives = new Set<number>();
  const sends = new Set<number>();
  holders.forEach((node, at) => {
    const [start, end] = placement[node]!;
    if (start === 0) links[at + 1] = bandwidth(cluster, -1, node) / tokenBytes;
    if (end === layers) links[(at + 1) * size] = bandwidth(cluster, node, -1) / tokenBytes;
    holders.forEach((next, to) => {
      if (next === node) return;
      const [first, last] = placement[next]!;
      const legal = partial ? first <= end && end < last : first === end;
      const bytes = bandwidth(cluster, node, next);
      if (!legal || bytes === 0) return;
      links[(at + 1) * size + to + 1] = bytes / activationBytes;
      sends.add(node);
      receives.add(next);
    });
  });
  const inside = holders.map((node) => {
    const machine = cluster.machines[cluster.nodes[node]!.machine]!;
    const [start, end] = placement[node]!;
    const nic = machine.nic ?? Infinity;
    return Math.min(
      machine.profile.tokensPerSecond[end - start - 1]!,
      nic / (receives.has(node) ? activationBytes : tokenBytes),
      nic / (sends.has(node) ? activationBytes : tokenBytes),
    );
  });
  return {
    holders,
    link: (from, to) => links[(from + 1) * size + to + 1]!,
    inside,
    coordinator: (cluster.coordinator.nic ?? Infinity) / tokenBytes,
  };
}

/** Max flow by shortest augmenting paths over the links that `open` lets through. */
function maxFlow(carrying: Carrying, open: (from: number, to: number) => boolean): number {
  const n = carrying.holders.length;
  // Vertices: source, coordinator sends, coordinator receives, then in and out of every holder.
  const size = 3 + 2 * n;
  const left = new Float64Array(size * size);
  const inOf = (at: number): number => (at < 0 ? 2 : 3 + 2 * at);
  const outOf = (at: number): number => (at < 0 ? 1 : 4 + 2 * at);
  left[1] = carrying.coordinator;
  for (let from = -1; from < n; from++) {
    if (from >= 0) left[inOf(from) * size + outOf(from)] = carrying.inside[from]!;
    for (let to = -1; to < n; to++)
      if (from !== to && open(from, to))
        left[outOf(from) * size + inOf(to)] = carrying.link(from, to);
  }
  let total = 0;
  for (;;) {
    const before = new Int32Array(size).fill(-1);
    before[0] = 0;
    const queue = [0];
    for (let at = 0; at < queue.length && before[2] === -1; at++) {
      for (let to = 0; to < size; to++) {
        if (before[to] !== -1 || left[queue[at]! * size + to]! <= 0) continue;
        before[to] = queue[at]!;
        queue.push(to);
      }
    }
    if (before[2] === -1) return total;
    let width = Infinity;
    for (let at = 2; at !== 0; at = before[at]!)
      width = Math.min(width, left[before[at]! * size + at]!);
    // What rounding leaves open is no flow: that arc is full, and wider ways may be left.
    const negligible = width <= total * 1e-14;
    for (let at = 2; at !== 0; at = before[at]!) {
      const arc = before[at]! * size + at;
      if (negligible) {
        if (left[arc]! <= width) left[arc] = 0;
        continue;
      }
      left[arc]! -= width;
      left[at * size + before[at]!]! += width;
    }
    if (!negligible) total += width;
  }
}

/** The best of all legal flows through a placement. */
export function flowOf(
  cluster: RawCluster,
  constraints: RawConstraints,
  placement: readonly RawInterval[],
  known = 0,
): number {
  const carrying = carryingOf(cluster, constraints, placement);
  const free = Math.min(
    maxFlow(carrying, () => true),
    carrying.coordinator,
  );
  if (free <= known) return free;
  if (constraints.chainsOnly === true) return bestChains(carrying, constraints.maxDepth);
  return constraints.maxDepth === undefined
    ? free
    : bestOfDepth(carrying, constraints.maxDepth, free);
}

/** Every way to give holders a level up to the depth: links that carry go upwards. */
function bestOfDepth(carrying: Carrying, depth: number, free: number): number {
  const n = carrying.holders.length;
  if (n <= depth) return free;
  let best = 0;
  for (let code = 0; code < depth ** n && best < free; code++) {
    const level = (at: number): number => Math.floor(code / depth ** at) % depth;
    const flow = maxFlow(carrying, (a, b) => a < 0 || b < 0 || level(a) < level(b));
    best = Math.max(best, flow);
  }
  return best;
}

/** The best set of chains without a common node. */
function bestChains(carrying: Carrying, depth = Infinity): number {
  const n = carrying.holders.length;
  const chains: { readonly nodes: number; readonly width: number }[] = [];
  const extend = (at: number, nodes: number, count: number, width: number): void => {
    if (width <= 0 || count > depth) return;
    const end = Math.min(width, carrying.link(at, -1));
    if (end > 0) chains.push({ nodes, width: end });
    for (let to = 0; to < n; to++) {
      if ((nodes >> to) & 1) continue;
      const onward = Math.min(width, carrying.link(at, to), carrying.inside[to]!);
      extend(to, nodes | (1 << to), count + 1, onward);
    }
  };
  for (let at = 0; at < n; at++)
    extend(at, 1 << at, 1, Math.min(carrying.link(-1, at), carrying.inside[at]!));
  const pack = (from: number, taken: number): number => {
    let best = 0;
    for (let c = from; c < chains.length; c++) {
      const { nodes, width } = chains[c]!;
      if ((nodes & taken) === 0) best = Math.max(best, width + pack(c + 1, taken | nodes));
    }
    return best;
  };
  return Math.min(pack(0, 0), carrying.coordinator);
}

/** What every node may hold. */
export function choicesOf(
  cluster: RawCluster,
  constraints: RawConstraints,
): readonly RawInterval[][] {
  const { layers } = cluster.model;
  return cluster.nodes.map(({ id, machine }) => {
    const pin = constraints.pin[id];
    if (pin !== undefined) return [pin];
    if (constraints.drain.includes(id)) return [null];
    const most = Math.min(layers, cluster.machines[machine]!.profile.tokensPerSecond.length);
    const choices: RawInterval[] = [null];
    for (let start = 0; start < layers; start++)
      for (let end = start + 1; end <= Math.min(layers, start + most); end++)
        choices.push([start, end]);
    return choices;
  });
}

/** Placements that `bestOfAll` looks at. */
export function countPlacements(cluster: RawCluster, constraints: RawConstraints): number {
  return choicesOf(cluster, constraints).reduce((product, { length }) => product * length, 1);
}

export interface Optimum {
  readonly throughput: number;
  readonly placement: readonly RawInterval[];
}

/** The best of all placements. */
export function bestOfAll(cluster: RawCluster, constraints: RawConstraints): Optimum {
  const { layers } = cluster.model;
  const choices = choicesOf(cluster, constraints);
  const placement: RawInterval[] = choices.map(() => null);
  let best: Optimum = { throughput: 0, placement: [...placement] };
  const judge = (): void => {
    let least = Infinity;
    for (let layer = 0; layer < layers; layer++) {
      let rate = 0;
      let holders = 0;
      placement.forEach((interval, node) => {
        if (interval === null || layer < interval[0] || layer >= interval[1]) return;
        const { machine } = cluster.nodes[node]!;
        rate += cluster.machines[machine]!.profile.tokensPerSecond[interval[1] - interval[0] - 1]!;
        holders++;
      });
      if (holders > (constraints.maxNodesPerStage ?? Infinity)) return;
      least = Math.min(least, rate);
    }
    if (least <= best.throughput) return;
    const throughput = flowOf(cluster, constraints, placement, best.throughput);
    if (throughput > best.throughput) best = { throughput, placement: [...placement] };
  };
  const fill = (node: number): void => {
    if (node === choices.length) {
      judge();
      return;
    }
    for (const choice of choices[node]!) {
      placement[node] = choice;
      fill(node + 1);
    }
  };
  fill(0);
  return best;
}
