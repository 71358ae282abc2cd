import { largest } from "../../core/extremes.js";

/** Nodes that may follow each other on the way of a token, by position 0 … n − 1. */
export interface WayGraph {
  /** Layers that each node can hold. */
  readonly room: readonly number[];
  /** Whether a token may start and end its way here. */
  readonly entry: readonly boolean[];
  readonly exit: readonly boolean[];
  /** Direct successors of each node. */
  readonly next: readonly (readonly number[])[];
  /** Most nodes on a way. */
  readonly mostNodes: number;
}

/** What one token can pass at most. */
export interface ReachableRoom {
  /** No way of a token passes nodes with room for more layers than this. */
  readonly layers: number;
  /** Nodes that this room is made of. */
  readonly nodes: readonly number[];
}

/** Up to so many nodes every way is tried. */
const MOST_EXACT = 14;

/**
 * An upper bound on the layers that the nodes of a single way (coordinator → … → coordinator, no node
 * twice) can hold together; exact for few nodes. Three arguments: a way never returns to a strongly
 * connected component it has left; nor, links taken both ways, past a node whose loss parts the graph;
 * and it has no more nodes than the depth allows. O(nodes + links), O(nodes · 2^nodes) for few.
 */
export function findReachableRoom(graph: WayGraph): ReachableRoom {
  if (graph.room.length <= MOST_EXACT) return tryEveryWay(graph);
  const bounds = [roomAlongComponents(graph), roomAlongBlocks(graph), roomOfLargest(graph)];
  return bounds.reduce((least, bound) => (bound.layers < least.layers ? bound : least));
}

/** Ends reachable by passing exactly a set of nodes, set by set. */
function tryEveryWay({ room, entry, exit, next, mostNodes }: WayGraph): ReachableRoom {
  const n = room.length;
  const ends = new Int32Array(2 ** n);
  const after = next.map((heads) => heads.reduce((mask, head) => mask | (1 << head), 0));
  for (let node = 0; node < n; node++) if (entry[node]!) ends[1 << node] = 1 << node;
  const layers = new Float64Array(ends.length);
  const count = new Uint8Array(ends.length);
  const exits = exit.reduce((mask, open, node) => (open ? mask | (1 << node) : mask), 0);
  let best = 0;
  for (let set = 1; set < ends.length; set++) {
    const lowest = 31 - Math.clz32(set & -set);
    const others = set & (set - 1);
    layers[set] = layers[others]! + room[lowest]!;
    count[set] = count[others]! + 1;
    if (ends[set] === 0 || count[set]! > mostNodes) continue;
    if ((ends[set]! & exits) !== 0 && layers[set]! > layers[best]!) best = set;
    for (let last = 0; last < n; last++) {
      if (((ends[set]! >> last) & 1) === 0) continue;
      for (let onward = after[last]! & ~set; onward !== 0; onward &= onward - 1)
        ends[set | (onward & -onward)]! |= onward & -onward;
    }
  }
  const nodes = [...room.keys()].filter((node) => ((best >> node) & 1) === 1);
  return { layers: layers[best]!, nodes };
}

function roomOfLargest({ room, mostNodes }: WayGraph): ReachableRoom {
  const nodes = [...room.keys()].sort((a, b) => room[b]! - room[a]!).slice(0, mostNodes);
  return { layers: nodes.reduce((sum, node) => sum + room[node]!, 0), nodes };
}

/** The most room on a path of strongly connected components from an entry to an exit. */
function roomAlongComponents({ room, entry, exit, next }: WayGraph): ReachableRoom {
  const components = stronglyConnected(next);
  const componentOf = new Int32Array(room.length);
  components.forEach((nodes, c) => nodes.forEach((node) => (componentOf[node] = c)));
  // Components come with their successors first.
  const onward = components.map(() => ({ layers: -Infinity, onto: -1 }));
  components.forEach((nodes, c) => {
    const own = nodes.reduce((sum, node) => sum + room[node]!, 0);
    if (nodes.some((node) => exit[node]!)) onward[c] = { layers: own, onto: -1 };
    for (const node of nodes) {
      for (const head of next[node]!) {
        const to = componentOf[head]!;
        const layers = own + onward[to]!.layers;
        if (to !== c && layers > onward[c]!.layers) onward[c] = { layers, onto: to };
      }
    }
  });
  const starts = [...components.keys()].filter((c) => components[c]!.some((node) => entry[node]!));
  const layers = largest(
    starts.map((c) => onward[c]!.layers),
    0,
  );
  const nodes: number[] = [];
  let at = starts.find((c) => onward[c]!.layers === layers) ?? -1;
  for (; at >= 0; at = onward[at]!.onto) nodes.push(...components[at]!);
  return { layers, nodes };
}

/** Strongly connected components, those reached first last (Tarjan's algorithm, iteratively). */
function stronglyConnected(next: WayGraph["next"]): readonly (readonly number[])[] {
  const order = new Int32Array(next.length).fill(-1);
  const low = new Int32Array(next.length);
  const open = new Uint8Array(next.length);
  const stack: number[] = [];
  const found: number[][] = [];
  let counter = 0;
  for (let root = 0; root < next.length; root++) {
    if (order[root] !== -1) continue;
    const path = [{ node: root, at: 0 }];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const { node } = top;
      if (top.at === 0) {
        order[node] = low[node] = counter++;
        open[node] = 1;
        stack.push(node);
      }
      const head = next[node]![top.at++];
      if (head !== undefined) {
        if (order[head] === -1) path.push({ node: head, at: 0 });
        else if (open[head] === 1) low[node] = Math.min(low[node]!, order[head]!);
        continue;
      }
      if (next[node]!.length === 0 || low[node] === order[node]) closeComponent(node);
      path.pop();
      const before = path.at(-1)?.node;
      if (before !== undefined) low[before] = Math.min(low[before]!, low[node]!);
    }
  }
  return found;

  function closeComponent(node: number): void {
    const component: number[] = [];
    for (let last = -1; last !== node;) {
      last = stack.pop()!;
      open[last] = 0;
      component.push(last);
    }
    found.push(component);
  }
}

/** The most room on a path through the tree of biconnected blocks, directions left aside. */
function roomAlongBlocks({ room, next }: WayGraph): ReachableRoom {
  const blocks = biconnectedBlocks(room.length, next);
  const blocksOf: number[][] = room.map(() => []);
  blocks.forEach((nodes, b) => nodes.forEach((node) => blocksOf[node]!.push(b)));
  const weight = blocks.map((nodes) => nodes.reduce((sum, node) => sum + room[node]!, 0));
  let best: ReachableRoom = { layers: 0, nodes: [] };
  const done = new Uint8Array(blocks.length);
  for (let root = 0; root < blocks.length; root++) {
    if (done[root] === 1) continue;
    // Blocks of this tree with the node that leads to each, parents first.
    const tree = [{ block: root, parent: -1, by: -1 }];
    done[root] = 1;
    for (let at = 0; at < tree.length; at++) {
      for (const by of blocks[tree[at]!.block]!) {
        for (const block of blocksOf[by]!) {
          if (done[block] === 1) continue;
          done[block] = 1;
          tree.push({ block, parent: at, by });
        }
      }
    }
    // From every block the best ways down, by the node they leave it by: a node is passed once, so two
    // ways meet in a block that they leave by different nodes, or in the node itself, block left aside.
    const ways = tree.map(() => new Map<number, Way[]>());
    const offer = (layers: number, met: readonly number[], ends: readonly Way[]): void => {
      if (layers <= best.layers) return;
      const nodes = new Set(met);
      for (const end of ends)
        for (let on: Way | undefined = end; on !== undefined; on = on.onto)
          for (const node of blocks[tree[on.at]!.block]!) nodes.add(node);
      best = { layers, nodes: [...nodes] };
    };
    for (let at = tree.length - 1; at >= 0; at--) {
      const { block, parent, by } = tree[at]!;
      const firsts: Way[] = [];
      for (const [node, below] of ways[at]!) {
        below.sort((a, b) => b.layers - a.layers);
        firsts.push(below[0]!);
        if (below.length > 1)
          offer(room[node]! + below[0]!.layers + below[1]!.layers, [node], below.slice(0, 2));
      }
      firsts.sort((a, b) => b.layers - a.layers);
      const joined = firsts.slice(0, 2);
      offer(
        joined.reduce((sum, way) => sum + way.layers, weight[block]!),
        blocks[block]!,
        joined,
      );
      if (parent < 0) continue;
      const layers = weight[block]! + (firsts[0]?.layers ?? 0) - room[by]!;
      const way: Way = { layers, at, onto: firsts[0] };
      const known = ways[parent]!.get(by);
      if (known === undefined) ways[parent]!.set(by, [way]);
      else known.push(way);
    }
  }
  return best;
}

/** A way down the tree of blocks: its room without the node it comes by, its block, what follows. */
interface Way {
  readonly layers: number;
  readonly at: number;
  readonly onto: Way | undefined;
}

/** Biconnected blocks of the graph with every link taken both ways; a lonely node is a block. */
function biconnectedBlocks(n: number, next: WayGraph["next"]): readonly (readonly number[])[] {
  const beside: number[][] = Array.from({ length: n }, () => []);
  next.forEach((heads, from) => {
    for (const to of heads) {
      beside[from]!.push(to);
      beside[to]!.push(from);
    }
  });
  const order = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const blocks: number[][] = [];
  let counter = 0;
  for (let root = 0; root < n; root++) {
    if (order[root] !== -1) continue;
    order[root] = low[root] = counter++;
    if (beside[root]!.length === 0) blocks.push([root]);
    const waiting: number[] = [root];
    const path = [{ node: root, parent: -1, at: 0 }];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const { node, parent } = top;
      const head = beside[node]![top.at++];
      if (head !== undefined) {
        if (order[head] === -1) {
          order[head] = low[head] = counter++;
          waiting.push(head);
          path.push({ node: head, parent: node, at: 0 });
        } else if (head !== parent) low[node] = Math.min(low[node]!, order[head]!);
        continue;
      }
      path.pop();
      if (parent < 0) continue;
      low[parent] = Math.min(low[parent]!, low[node]!);
      if (low[node]! < order[parent]!) continue;
      const block = [parent];
      for (let last = -1; last !== node;) {
        last = waiting.pop()!;
        block.push(last);
      }
      blocks.push(block);
    }
  }
  return blocks;
}
