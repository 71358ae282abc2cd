import type { ChainSpace } from "./chain-space.js";
import type { ChainQuestion, ChainStep, PricedChain } from "./cheapest-chain.js";

/** Most classes over one border whose nodes are remembered. */
const MOST_BITS = 29;
/** The bit of chains in which all nodes are whole. */
const ALL_WHOLE = 1 << 30;

/**
 * The cheapest chain in which no node stands twice within the layers that it holds now: labels of cost and of the nodes taken whose layers the
 * border is within. Labels whose rest would bring them to the limit are dropped.
 */
export function priceByLabels(
  { classes, layers, regions, whole, machines }: ChainSpace,
  memory: Memory,
  { starting, level: { reach, crosses }, prices }: ChainQuestion,
  { limit, rests, machine }: LabelLimits,
): PricedChain {
  const width = layers + 1;
  const mostOf = machine === undefined ? Infinity : machines.get(machine)!;
  const lists = Array.from({ length: (layers + 1) * regions }, (): Label[] => []);
  const first: Label = { cost: 0, count: 0, taken: ALL_WHOLE, at: -1, start: 0, before: undefined };
  for (let start = 0; start < layers; start++)
    for (let region = 0; region < regions; region++) {
      const labels =
        start === 0
          ? [first]
          : crosses.flatMap((row, from) => (row[region]! ? lists[start * regions + from]! : []));
      if (labels.length === 0) continue;
      labels.sort((a, b) => a.cost - b.cost);
      const cheapest = labels[0]!.cost;
      for (const at of starting[start]!) {
        const { region: own, bytes, free, machine: type } = classes[at]!;
        const priceOf = prices[at]!;
        if (own !== region || cheapest + priceOf >= limit) continue;
        const most = reach[at * layers + start]!;
        const bit = memory.bits[at * width + start]!;
        const counts = type === machine ? 1 : 0;
        const pure = whole.has(at) ? ALL_WHOLE : 0;
        for (let layer = 0; layer < most; layer++) {
          layer = Math.min(free[start * layers + layer]!, most - 1);
          const end = start + layer + 1;
          const more = priceOf + bytes[start * layers + layer]!;
          if (cheapest + more >= limit) break;
          const state = end * regions + region;
          const room = limit - more - rests[state]!;
          if (cheapest >= room) continue;
          const kept = memory.carried[start * width + end]!;
          const taken = memory.bits[at * width + end]!;
          const others = lists[state]!;
          for (const before of labels) {
            // They are in order: all others cost more.
            if (before.cost >= room) break;
            const count = before.count + counts;
            if ((before.taken & bit) !== 0 || count > mostOf) continue;
            if (end === layers && start > 0 && (before.taken & pure) !== 0) continue;
            const now = (before.taken & (kept | pure)) | taken;
            const cost = before.cost + more;
            if (isNeedless(others, cost, count, now)) continue;
            keep(others, { cost, taken: now, count, at, start, before });
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

interface LabelLimits {
  /** Labels whose rest brings them to it are dropped. */
  readonly limit: number;
  /** What the rest costs at least, by border and region. */
  readonly rests: Float64Array;
  /** The type of which no more nodes may be taken than there are. */
  readonly machine: number | undefined;
}

interface Label {
  readonly cost: number;
  /** Nodes of the machine type that is counted. */
  readonly count: number;
  /** Bits of nodes. */
  readonly taken: number;
  /** The class that comes last, where it starts, and what comes before. */
  readonly at: number;
  readonly start: number;
  readonly before: Label | undefined;
}

/** Whether one is no dearer and has taken no more. */
function isNeedless(labels: readonly Label[], cost: number, count: number, taken: number): boolean {
  for (const other of labels)
    if (other.cost <= cost && other.count <= count && (other.taken & taken) === other.taken)
      return true;
  return false;
}

/** Keeps a label without those that it makes needless. */
function keep(labels: Label[], label: Label): void {
  const { cost, taken, count } = label;
  let kept = 0;
  for (const other of labels)
    if (other.cost < cost || other.count < count || (other.taken & taken) !== taken)
      labels[kept++] = other;
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
