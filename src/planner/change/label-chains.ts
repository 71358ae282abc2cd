import type { ChainSpace } from "./chain-space.js";
import type { ChainQuestion, ChainStep, PricedChain } from "./cheapest-chain.js";

/** Most classes over one border whose nodes are remembered. */
const MOST_BITS = 30;

/**
 * The cheapest chain in which no node stands twice within the layers that it holds now: labels of cost and of the nodes taken whose layers the
 * border is within. Labels whose rest would bring them to the limit are dropped.
 */
export function priceByLabels(
  { classes, layers, links }: ChainSpace,
  memory: Memory,
  { kind, level, prices, crosses }: ChainQuestion,
  { limit, rests }: { readonly limit: number; readonly rests: Float64Array },
): PricedChain {
  const regions = links.length;
  const lists = Array.from({ length: (layers + 1) * regions }, (): Label[] => []);
  const first: Label = { cost: 0, taken: 0, at: -1, start: 0, before: undefined };
  for (let start = 0; start < layers; start++)
    for (let region = 0; region < regions; region++) {
      const labels =
        start === 0
          ? [first]
          : crosses.flatMap((row, from) => (row[region]! ? lists[start * regions + from]! : []));
      if (labels.length === 0) continue;
      for (const at of kind) {
        const { region: own, bytes } = classes[at]!;
        if (own !== region || prices[at] === Infinity) continue;
        const most = level.reach[at * layers + start]!;
        const bit = memory.bits[at * (layers + 1) + start]!;
        for (const before of labels) {
          if ((before.taken & bit) !== 0) continue;
          const price = before.cost + prices[at]!;
          for (let size = 1; size <= most; size++) {
            const end = start + size;
            const cost = price + bytes[start * layers + size - 1]!;
            const state = end * regions + region;
            if (cost + rests[state]! >= limit) continue;
            const kept = before.taken & memory.carried[start * (layers + 1) + end]!;
            const taken = kept | memory.bits[at * (layers + 1) + end]!;
            keep(lists[state]!, { cost, taken, at, start, before });
          }
        }
      }
    }
  const ends = lists.slice(layers * regions).flat();
  if (ends.length === 0) return { cost: limit };
  const last = ends.reduce((a, b) => (b.cost < a.cost ? b : a));
  const nodes: ChainStep[] = [];
  let end = layers;
  for (let label = last; label.before !== undefined; label = label.before) {
    nodes.unshift([label.at, label.start, end]);
    end = label.start;
  }
  return { cost: last.cost, nodes };
}

interface Label {
  readonly cost: number;
  /** Bits of nodes. */
  readonly taken: number;
  /** The class that comes last, where it starts, and what comes before. */
  readonly at: number;
  readonly start: number;
  readonly before: Label | undefined;
}

/** Keeps a label unless one is no dearer and has taken no more; drops those of which that is now true. */
function keep(labels: Label[], label: Label): void {
  const { cost, taken } = label;
  for (const other of labels)
    if (other.cost <= cost && (other.taken & taken) === other.taken) return;
  let kept = 0;
  for (const other of labels)
    if (other.cost < cost || (other.taken & taken) !== taken) labels[kept++] = other;
  labels.length = kept;
  labels.push(label);
}

export interface Memory {
  /** By class and border: its bit where its only node holds layers on both sides; else 0. */
  readonly bits: Int32Array;
  /** By border and later border: the bits of those of which both are true. */
  readonly carried: Int32Array;
}

/** Bits for nodes that are alone in their class; nodes that hold no layer in common may have the same. */
export function rememberNodes({ classes, layers }: ChainSpace): Memory {
  const width = layers + 1;
  const bits = new Int32Array(classes.length * width);
  const carried = new Int32Array(width * width);
  const ends = new Int32Array(MOST_BITS);
  const alone = [...classes.keys()]
    .filter((at) => classes[at]!.nodes.length === 1 && classes[at]!.held !== null)
    .sort((a, b) => classes[a]!.held![0] - classes[b]!.held![0]);
  for (const at of alone) {
    const [from, to] = classes[at]!.held!;
    const free = ends.findIndex((end) => end <= from);
    if (free < 0) continue;
    ends[free] = to;
    for (let start = from + 1; start < to; start++) {
      bits[at * width + start] = 1 << free;
      for (let end = start; end < to; end++) carried[start * width + end]! |= 1 << free;
    }
  }
  return { bits, carried };
}
