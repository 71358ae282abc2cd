import { COORDINATOR, machineOf, type Cluster } from "../../core/cluster.js";
import { HELIX } from "../../engines/helix/helix.js";
import type { LinkFlow } from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import { kvCapacityTokens } from "../../engines/node-limits.js";

/**
 * A link is thin, and taken for unused, below the paper's share of what leaves its tail and this share of the widest link
 * from there. Flow by many thin links promises more than is served; of equal copies, however many, none is thin.
 */
const THIN_BESIDE_WIDEST = 0.2;
const NEGLIGIBLE = 1e-6;
/** Share of the requests that may find no room before the number under way is lowered. */
const REFUSED = 0.01;
const MOST_ROUNDS = 6;
const BISECTIONS = 14;

/** How a request passes through a placement, on average. Arrays by node or by link given. */
export interface Visits {
  /** Requests under way that the KV caches allow; Infinity where none is limited. */
  readonly concurrency: number;
  /** Share of the requests that visit the node, and the layers it runs for one of them. */
  readonly share: Float64Array;
  readonly layersRun: Float64Array;
  /** Share of the requests that take the link. */
  readonly linkShare: Float64Array;
}

/**
 * Follows the flow's weights from the coordinator, as the Helix scheduler does: nodes whose expected
 * KV is full send what is too much to their siblings. O(links · rounds).
 * @param expectedTokens KV a request under way is expected to hold per layer.
 */
export function traceVisits(
  cluster: Cluster,
  placement: Placement,
  links: readonly LinkFlow[],
  expectedTokens: number,
): Visits {
  const count = placement.length;
  const endOf = (node: number): number => (node === COORDINATOR ? 0 : placement[node]![1]);
  const isUsed = findUsed(links, count);
  const order = links
    .map((_, link) => link)
    .filter((link) => isUsed(links[link]!))
    .sort(
      (a, b) => endOf(links[a]!.from) - endOf(links[b]!.from) || links[a]!.from - links[b]!.from,
    );
  const tokens = Float64Array.from(placement, (interval, node) =>
    interval === null
      ? 0
      : kvCapacityTokens(machineOf(cluster, node).capacity, interval[1] - interval[0]),
  );
  const share = new Float64Array(count);
  const layersRun = new Float64Array(count);
  const linkShare = new Float64Array(links.length);
  const open = new Float64Array(links.length);
  /** Token-layers that requests may expect to fill, in requests times layers. */
  const room = tokens.map(
    (amount, node) =>
      (HELIX.kv.offline.highWaterMark * amount * held(placement, node)) / expectedTokens,
  );

  /** Splits the traffic of `requests` under way; returns the share that finds no room. */
  const walk = (requests: number): number => {
    share.fill(0);
    layersRun.fill(0);
    let refused = 0;
    for (let first = 0; first < order.length;) {
      const { from } = links[order[first]!]!;
      let behind = first;
      while (behind < order.length && links[order[behind]!]!.from === from) behind += 1;
      let left = from === COORDINATOR ? 1 : share[from]!;
      let weight = 0;
      for (let at = first; at < behind; at += 1) {
        const link = order[at]!;
        linkShare[link] = 0;
        open[link] = links[link]!.flow;
        weight += open[link]!;
      }
      for (let round = 0; round < MOST_ROUNDS && left > NEGLIGIBLE && weight > 0; round += 1) {
        const portion = left / weight;
        left = 0;
        weight = 0;
        for (let at = first; at < behind; at += 1) {
          const link = order[at]!;
          if (open[link] === 0) continue;
          const { to } = links[link]!;
          let part = portion * open[link]!;
          if (to !== COORDINATOR) {
            const layers = placement[to]![1] - endOf(from);
            const free = Math.max(0, room[to]! / requests - layersRun[to]!) / layers;
            if (part > free) {
              left += part - free;
              part = free;
              open[link] = 0;
            }
            share[to]! += part;
            layersRun[to]! += part * layers;
          }
          linkShare[link]! += part;
          weight += open[link]!;
        }
      }
      refused += left;
      first = behind;
    }
    return refused;
  };

  walk(NEGLIGIBLE);
  let concurrency = feedLimit(cluster.model.layers, placement, tokens, layersRun, expectedTokens);
  if (Number.isFinite(concurrency) && walk(concurrency) > REFUSED) {
    let low = 0;
    let high = concurrency;
    for (let step = 0; step < BISECTIONS; step += 1) {
      const middle = (low + high) / 2;
      if (walk(middle) > REFUSED) high = middle;
      else low = middle;
    }
    concurrency = low;
    walk(low);
  }
  for (let node = 0; node < count; node += 1)
    if (share[node]! > 0) layersRun[node]! /= share[node]!;
  return { concurrency, share, layersRun, linkShare };
}

function held(placement: Placement, node: number): number {
  const interval = placement[node];
  return interval === null || interval === undefined ? 0 : interval[1] - interval[0];
}

/** Requests at which the scarcest layer reaches the feed mark. */
function feedLimit(
  layers: number,
  placement: Placement,
  tokens: Float64Array,
  shareLayers: Float64Array,
  expectedTokens: number,
): number {
  const used = new Float64Array(layers);
  const held = new Float64Array(layers);
  placement.forEach((interval, node) => {
    if (interval === null) return;
    const [start, end] = interval;
    for (let layer = start; layer < end; layer += 1) {
      used[layer]! += (shareLayers[node]! * expectedTokens) / (end - start);
      held[layer]! += tokens[node]!;
    }
  });
  let least = Infinity;
  for (let layer = 0; layer < layers; layer += 1)
    if (used[layer]! > 0)
      least = Math.min(least, (HELIX.offline.feedMark * held[layer]!) / used[layer]!);
  return least;
}

/** Whether requests go by a link: it carries something, and is not thin. */
function findUsed(links: readonly LinkFlow[], count: number): (link: LinkFlow) => boolean {
  const vertex = (node: number): number => (node === COORDINATOR ? count : node);
  const total = new Float64Array(count + 1);
  const widest = new Float64Array(count + 1);
  for (const { from, flow } of links) {
    total[vertex(from)]! += flow;
    widest[vertex(from)] = Math.max(widest[vertex(from)]!, flow);
  }
  return ({ from, flow }) =>
    flow > 0 &&
    (flow >= HELIX.leastFlowShare * total[vertex(from)]! ||
      flow >= THIN_BESIDE_WIDEST * widest[vertex(from)]!);
}
