/**
 * Max flow through at most 30 nodes with an inside each: from the source into a node, through it, on to
 * others or to the sink. Sets of nodes are bits, so a step of a search for a path costs a few operations.
 */
export interface SweepFlow {
  clear(): void;
  /** A node, what it passes, and what comes into it from the source and leaves it to the sink. */
  setNode(node: number, capacity: number, entry: number, exit: number): void;
  setLink(from: number, to: number, capacity: number): void;
  /** The max flow, or `enough` if it is no less. Uses the capacities up. */
  maximum(enough: number): number;
}

const SOURCE = -1;

/** Shortest augmenting paths. @param count nodes, at most 30. */
export function createSweepFlow(count: number): SweepFlow {
  const through = new Float64Array(count);
  const entry = new Float64Array(count);
  const exit = new Float64Array(count);
  const link = new Float64Array(count * count);
  /** What flows, where it may be taken back. */
  const passed = new Float64Array(count);
  const sent = new Float64Array(count * count);
  /** Per node: nodes to which a link has room, nodes from which it receives. */
  const roomTo = new Int32Array(count);
  const comesFrom = new Int32Array(count);
  /** From where a node's entrance (index node) and its end (count + node) were reached. */
  const before = new Int32Array(2 * count);
  const queue = new Int32Array(2 * count);
  let entries = 0;

  /** The node from which the sink is reached, or -1. */
  const findPath = (): number => {
    let newIn = (1 << count) - 1;
    let newOut = newIn;
    let tail = 0;
    for (let rest = entries; rest !== 0; rest &= rest - 1) {
      const node = 31 - Math.clz32(rest & -rest);
      before[node] = SOURCE;
      queue[tail++] = node;
    }
    newIn &= ~entries;
    for (let head = 0; head < tail; head++) {
      const at = queue[head]!;
      const isEnd = at >= count;
      const node = isEnd ? at - count : at;
      if (isEnd && exit[node]! > 0) return node;
      // Over links: on from an end, back from an entrance.
      for (
        let rest = isEnd ? roomTo[node]! & newIn : comesFrom[node]! & newOut;
        rest !== 0;
        rest &= rest - 1
      ) {
        const next = 31 - Math.clz32(rest & -rest);
        const vertex = isEnd ? next : count + next;
        before[vertex] = at;
        queue[tail++] = vertex;
        if (isEnd) newIn &= ~(1 << next);
        else newOut &= ~(1 << next);
      }
      // Through the node, on or back.
      const bit = 1 << node;
      if (
        isEnd
          ? (newIn & bit) !== 0 && passed[node]! > 0
          : (newOut & bit) !== 0 && through[node]! > 0
      ) {
        const vertex = isEnd ? node : count + node;
        before[vertex] = at;
        queue[tail++] = vertex;
        if (isEnd) newIn &= ~bit;
        else newOut &= ~bit;
      }
    }
    return -1;
  };

  /** What one more unit from `from` to `to` (both as in `before`) may be. */
  const room = (from: number, to: number): number => {
    if (from < count) {
      if (to === from + count) return through[from]!;
      return sent[(to - count) * count + from]!;
    }
    if (to === from - count) return passed[to]!;
    return link[(from - count) * count + to]!;
  };
  const push = (from: number, to: number, amount: number): void => {
    if (from < count) {
      if (to === from + count) {
        through[from]! -= amount;
        passed[from]! += amount;
      } else pushLink(to - count, from, -amount);
    } else if (to === from - count) {
      through[to]! += amount;
      passed[to]! -= amount;
    } else pushLink(from - count, to, amount);
  };
  const pushLink = (from: number, to: number, amount: number): void => {
    const at = from * count + to;
    link[at]! -= amount;
    sent[at]! += amount;
    if (link[at]! > 0) roomTo[from]! |= 1 << to;
    else roomTo[from]! &= ~(1 << to);
    if (sent[at]! > 0) comesFrom[to]! |= 1 << from;
    else comesFrom[to]! &= ~(1 << from);
  };
  const augment = (last: number): number => {
    let amount = exit[last]!;
    let first = count + last;
    for (; before[first]! !== SOURCE; first = before[first]!)
      amount = Math.min(amount, room(before[first]!, first));
    amount = Math.min(amount, entry[first]!);
    exit[last]! -= amount;
    entry[first]! -= amount;
    if (entry[first]! <= 0) entries &= ~(1 << first);
    for (let at = count + last; at !== first; at = before[at]!) push(before[at]!, at, amount);
    return amount;
  };

  return {
    clear() {
      entries = 0;
      roomTo.fill(0);
      comesFrom.fill(0);
      exit.fill(0);
    },
    setNode(node, capacity, enters, leaves) {
      through[node] = capacity;
      passed[node] = 0;
      entry[node] = enters;
      if (enters > 0) entries |= 1 << node;
      exit[node] = leaves;
    },
    setLink(from, to, capacity) {
      link[from * count + to] = capacity;
      sent[from * count + to] = 0;
      roomTo[from]! |= 1 << to;
    },
    maximum(enough) {
      let total = 0;
      while (total < enough) {
        const last = findPath();
        if (last < 0) break;
        total += augment(last);
      }
      return Math.min(total, enough);
    },
  };
}
