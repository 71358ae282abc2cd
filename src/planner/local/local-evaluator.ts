import { largest } from "../../core/extremes.js";
import { bestCase } from "../../core/interval-capacity.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import { mostLayers } from "../problem/node-capacity.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { createEndLists, createLocalFlow } from "./local-flow.js";
import { tabulateLinks, type LinkCapacities } from "./local-links.js";

/** A placement that can be changed in place, and what it carries. Layers, tokens/s. */
export interface LocalEvaluator {
  readonly layers: number;
  /** Per node: its interval, 0 and 0 when empty. Change them through `place` only. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Most layers of each node; 0 for drained ones. */
  readonly most: Int32Array;
  /** Tokens/s that the holders of each layer can compute together. Length `layers`. */
  readonly coverage: Float64Array;
  /** Nodes that hold each layer. Length `layers`. */
  readonly holders: Int32Array;
  readonly links: LinkCapacities;
  /** max T(k) of each node. */
  readonly mostTokens: Float64Array;
  /** max k·T(k) of a node, k up to `most`. */
  workOf(node: number): number;
  /** Gives the node the interval; start = end empties it. O(layers it held or holds). */
  place(node: number, start: number, end: number): void;
  load(placement: Placement): void;
  read(): Placement;
  /** The least coverage of any layer: an upper bound on the flow, and equal to it on a thick network. */
  weakest(): number;
  /** Σ over layers of what their coverage lacks to the target, tokens/s. */
  deficit(target: number): number;
  /** The max flow, or any value ≥ `enough` that is attained. Same network as buildPlacementNetwork. */
  flow(enough?: number): number;
  /** Keeps the flow just found: the next ones start from it, the sooner the less has changed since. */
  keepFlow(): void;
  /** Nodes at which the minimum cut of the kept flow passes: the first `count` of them. */
  readonly critical: { readonly count: number; readonly nodes: Int32Array };
  /** Tokens/s of each layer as `linkDeficit` counted them last, endless before. Length `layers`. */
  readonly linkedCoverage: Float64Array;
  /**
   * The same when no node counts for more than its links in and out could carry: at least `deficit`, and
   * far cheaper than a flow. Sets `weakestLinked`.
   */
  linkDeficit(target: number): number;
  /** After `linkDeficit`: the coverage of the layer covered least in that sense, an upper bound on the flow. */
  weakestLinked(): number;
  /** What the node's own rate, as it is placed, and its links on each side could carry at most. */
  linkedRate(node: number): number;
  /** Tokens/s of the node as it is placed, its links not looked at. */
  rateOf(node: number): number;
  /** After `flow` to the end: whether the node's own capacity is in the minimum cut. */
  inCut(node: number): boolean;
  /** Whether losses leave what they must of the placement whose flow or weakest layer was asked for last. */
  counts(): boolean;
  /** Stages on the longest path over legal links, used or not. */
  depth(): number;
}

const NO_RATES = new Float64Array(1);

/** Empty at first. Nothing is allocated by `place`, `flow`, `deficit` once the arcs have found room. */
export function createLocalEvaluator(problem: PlanningProblem): LocalEvaluator {
  const { cluster, constraints } = problem;
  const partial = usesPartialLinks(problem);
  const { layers } = cluster.model;
  const count = cluster.nodes.length;
  const links = tabulateLinks(cluster);
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  const rate = new Float64Array(count);
  const stage = new Int32Array(count);
  const coverage = new Float64Array(layers);
  const holders = new Int32Array(layers);
  const carried = new Float64Array(layers).fill(Infinity);
  const intervals = { layers, partial, links, start, end, rate };
  const network = createLocalFlow(intervals);
  const { firstAt, nextAt, refresh } = createEndLists(intervals);
  let leastCarried = 0;
  const most = Int32Array.from(cluster.nodes, (_, node) =>
    constraints.drained.has(node) ? 0 : mostLayers(cluster, node),
  );
  const best = cluster.machines.map(({ capacity }) => bestCase(capacity).tokensPerSecond);
  const tables = cluster.machines.map(({ capacity }) =>
    (capacity.byInterval?.tokensPerSecond ?? [capacity.tokensPerSecond]).map((row) =>
      Float64Array.from([0, ...row]),
    ),
  );
  const rowsOf = cluster.nodes.map(({ machine }) => tables[machine]!);
  // Where layers do not differ, one row serves all starts.
  const rateAt = (node: number, from: number, held: number): number =>
    (rowsOf[node]!.length === 1 ? rowsOf[node]![0]! : (rowsOf[node]![from] ?? NO_RATES))[held] ?? 0;
  const mostTokens = Float64Array.from(cluster.nodes, ({ machine }, node) =>
    most[node] === 0 ? 0 : largest(best[machine]!),
  );
  function cover(node: number, from: number, to: number, sign: 1 | -1): void {
    const tokens = sign * rate[node]!;
    for (let layer = from; layer < to; layer++) {
      holders[layer]! += sign;
      coverage[layer]! += tokens;
      // What is left where nobody holds a layer is rounding.
      if (holders[layer] === 0) coverage[layer] = 0;
    }
  }

  function place(node: number, from: number, to: number): void {
    network.invalidate();
    cover(node, start[node]!, end[node]!, -1);
    start[node] = from;
    end[node] = to;
    const tokens = rateAt(node, from, to - from);
    const nicIn = from > 0 ? links.nicActivations[node]! : Infinity;
    const nicOut = to < layers ? links.nicActivations[node]! : links.nicTokens[node]!;
    rate[node] = Math.min(tokens, nicIn, nicOut);
    cover(node, from, to, 1);
  }

  return {
    layers,
    start,
    end,
    most,
    coverage,
    holders,
    links,
    mostTokens,
    workOf(node) {
      let work = 0;
      for (let k = 1; k <= most[node]!; k++)
        work = Math.max(work, k * (best[cluster.nodes[node]!.machine]![k - 1] ?? 0));
      return work;
    },
    place,
    load(placement) {
      placement.forEach((interval, node) => place(node, interval?.[0] ?? 0, interval?.[1] ?? 0));
    },
    read: () =>
      Array.from(start, (from, node): LayerInterval | null =>
        // What does not fit there has no rate, and is not held.
        from === end[node] || rateAt(node, from, end[node]! - from) === 0
          ? null
          : [from, end[node]!],
      ),
    weakest() {
      let least = Infinity;
      for (let layer = 0; layer < layers; layer++)
        if (coverage[layer]! < least) least = coverage[layer]!;
      return least;
    },
    deficit(target) {
      let sum = 0;
      for (let layer = 0; layer < layers; layer++) {
        const lack = target - coverage[layer]!;
        if (lack > 0) sum += lack;
      }
      return sum;
    },
    flow: (enough) => network.solve(enough),
    keepFlow: () => network.keep(),
    critical: network.critical,
    linkedCoverage: carried,
    linkDeficit(target) {
      carried.fill(0);
      for (let node = 0; node < count; node++) {
        if (start[node] === end[node]) continue;
        const tokens = network.linkedRate(node);
        for (let layer = start[node]!; layer < end[node]!; layer++) carried[layer]! += tokens;
      }
      let sum = 0;
      leastCarried = Infinity;
      for (let layer = 0; layer < layers; layer++) {
        const tokens = carried[layer]!;
        if (tokens < target) sum += target - tokens;
        if (tokens < leastCarried) leastCarried = tokens;
      }
      return sum;
    },
    weakestLinked: () => leastCarried,
    linkedRate: (node) => network.linkedRate(node),
    rateOf: (node) => rate[node]!,
    inCut: (node) => network.inCut(node),
    counts: () => true,
    depth() {
      refresh();
      let deepest = 0;
      for (let border = 1; border <= layers; border++) {
        for (let node = firstAt[border]!; node >= 0; node = nextAt[node]!) {
          let before = 0;
          const last = partial ? border : start[node]! + 1;
          for (let at = Math.max(start[node]!, 1); at < last; at++) {
            for (let tail = firstAt[at]!; tail >= 0; tail = nextAt[tail]!) {
              if (stage[tail]! > before && links.between(tail, node) > 0) before = stage[tail]!;
            }
          }
          stage[node] = before + 1;
          if (before + 1 > deepest) deepest = before + 1;
        }
      }
      return deepest;
    },
  };
}
