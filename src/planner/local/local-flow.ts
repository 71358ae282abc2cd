import { createFlowWorkspace, type FlowWorkspace } from "../../math/flow/flow-workspace.js";
import type { LinkCapacities } from "./local-links.js";

/** The intervals of a placement that changes, seen from here only. Layers, tokens/s. */
export interface MovingIntervals {
  readonly layers: number;
  readonly partial: boolean;
  readonly links: LinkCapacities;
  /** Per node; empty where they are equal. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** What the node computes and its NIC lets through. */
  readonly rate: Float64Array;
}

/** The flow network of a placement that changes a little between looks. */
export interface LocalFlow {
  /** To be called after every change. */
  invalidate(): void;
  /** The max flow, or any value ≥ `enough` that is attained. Starts from the flow kept last. */
  solve(enough?: number): number;
  /** Keeps the flow just solved as the start of later ones, and its minimum cut. O(links). */
  keep(): void;
  /** Nodes at which the kept minimum cut passes: its first `critical.count` entries, each node once. */
  readonly critical: { count: number; readonly nodes: Int32Array };
  /** What a node's rate and its links on each side could carry at most. */
  linkedRate(node: number): number;
  /** After `solve` to the end: whether the node's own capacity is in the minimum cut. */
  inCut(node: number): boolean;
}

const SOURCE = 0;
const SINK = 1;
const COORDINATOR_OUT = 2;
const COORDINATOR_IN = 3;
const FIRST_NODE = 4;
/** Above this many nodes the table of kept flows would be too large, and flows start from zero. */
const MOST_NODES_KEPT = 300;

/** A share of a capacity that fills it but for rounding. */
const FULL = 1 - 1e-11;

/** Allocates nothing later, once the arcs have found room. Same network as buildPlacementNetwork. */
export function createLocalFlow(intervals: MovingIntervals): LocalFlow {
  const { layers, partial, links, start, end, rate } = intervals;
  const count = start.length;
  const sendable = new Float64Array(count);
  const receivable = new Float64Array(count);
  const nodesByEnd = createEndLists(intervals);
  const { firstAt, nextAt } = nodesByEnd;
  /** The kept flow by key: ends of the coordinator, nodes, pairs of nodes. Empty: nothing is kept. */
  const pairKeys = 2 + 3 * count;
  const kept = new Float64Array(count > MOST_NODES_KEPT ? 0 : pairKeys + count * count);
  let room = 16 * count + 64;
  let workspace: FlowWorkspace = createFlowWorkspace(FIRST_NODE + 2 * count, room);
  let keys = new Int32Array(room);
  let guess = new Float64Array(room);
  let keptKeys = new Int32Array(room);
  let keptCount = 0;
  const order = new Int32Array(2 + 2 * count);
  let arcs = 0;
  /** Whether the network in the workspace is that of the placement. */
  let built = false;

  const critical = { count: 0, nodes: new Int32Array(count) };
  const isCritical = new Uint8Array(count);

  function noteCritical(vertex: number): void {
    const node = (vertex - FIRST_NODE) >> 1;
    if (node < 0 || isCritical[node] === 1) return;
    isCritical[node] = 1;
    critical.nodes[critical.count++] = node;
  }

  function addArc(tail: number, head: number, capacity: number, key: number): void {
    keys[arcs] = key;
    const before = kept.length === 0 ? 0 : kept[key]!;
    guess[arcs++] = before < FULL * capacity ? before : capacity;
    workspace.addArc(tail, head, capacity);
  }

  function buildNetwork(): boolean {
    workspace.reset(FIRST_NODE + 2 * count);
    sendable.fill(0);
    receivable.fill(0);
    nodesByEnd.refresh();
    arcs = 0;
    addArc(SOURCE, COORDINATOR_OUT, links.coordinatorNic, 0);
    addArc(COORDINATOR_IN, SINK, links.coordinatorNic, 1);
    for (let node = 0; node < count; node++) {
      const from = start[node]!;
      const to = end[node]!;
      if (from === to) continue;
      const vertex = FIRST_NODE + 2 * node;
      let receives = false;
      const last = partial ? to : from + 1;
      for (let border = Math.max(from, 1); border < last; border++) {
        for (let tail = firstAt[border]!; tail >= 0; tail = nextAt[tail]!) {
          const capacity = links.between(tail, node);
          if (capacity === 0) continue;
          receives = true;
          const passed = Math.min(capacity, rate[tail]!, rate[node]!);
          sendable[tail]! += passed;
          receivable[node]! += passed;
          if (arcs === room) return false;
          addArc(FIRST_NODE + 2 * tail + 1, vertex, capacity, pairKeys + tail * count + node);
        }
      }
      if (arcs + 3 > room) return false;
      if (from === 0) {
        receivable[node]! += links.fromCoordinator[node]!;
        addArc(COORDINATOR_OUT, vertex, links.fromCoordinator[node]!, 2 + node);
      }
      if (to === layers) {
        sendable[node]! += links.toCoordinator[node]!;
        addArc(vertex + 1, COORDINATOR_IN, links.toCoordinator[node]!, 2 + count + node);
      }
      const nicIn = receives ? links.nicActivations[node]! : links.nicTokens[node]!;
      addArc(vertex, vertex + 1, Math.min(rate[node]!, nicIn), 2 + 2 * count + node);
    }
    return true;
  }

  function build(): void {
    while (!built) {
      built = buildNetwork();
      if (built) return;
      room *= 2;
      workspace = createFlowWorkspace(FIRST_NODE + 2 * count, room);
      [keys, guess] = [new Int32Array(room), new Float64Array(room)];
      keptKeys = Int32Array.from({ length: room }, (_, k) => keptKeys[k] ?? 0);
    }
  }

  /** The vertices in an order in which every link leads forwards: a node ends later than who sends to it. */
  function sortVertices(): number {
    let length = 0;
    order[length++] = COORDINATOR_OUT;
    for (let border = 1; border <= layers; border++) {
      for (let node = firstAt[border]!; node >= 0; node = nextAt[node]!) {
        order[length++] = FIRST_NODE + 2 * node;
        order[length++] = FIRST_NODE + 2 * node + 1;
      }
    }
    order[length++] = COORDINATOR_IN;
    return length;
  }

  return {
    invalidate: () => {
      built = false;
    },
    solve(enough) {
      build();
      if (keptCount === 0) return workspace.solve(SOURCE, SINK, enough);
      return workspace.solveFrom(guess, order, sortVertices(), SOURCE, SINK, enough);
    },
    keep() {
      if (kept.length === 0) return;
      for (let k = 0; k < keptCount; k++) kept[keptKeys[k]!] = 0;
      keptCount = 0;
      isCritical.fill(0);
      critical.count = 0;
      for (let arc = 0; arc < arcs; arc++) {
        const amount = workspace.flowOf(arc);
        if (workspace.inCut(arc)) {
          noteCritical(workspace.tailOf(arc));
          noteCritical(workspace.headOf(arc));
        }
        if (amount === 0) continue;
        kept[keys[arc]!] = amount;
        keptKeys[keptCount++] = keys[arc]!;
      }
    },
    critical,
    linkedRate(node) {
      build();
      return Math.min(rate[node]!, sendable[node]!, receivable[node]!);
    },
    inCut(node) {
      const vertex = FIRST_NODE + 2 * node;
      return workspace.onSourceSide(vertex) && !workspace.onSourceSide(vertex + 1);
    },
  };
}

/** Nodes by the border they end at, as linked lists; −1 ends them. */
export interface EndLists {
  readonly firstAt: Int32Array;
  readonly nextAt: Int32Array;
  /** O(nodes + layers). */
  refresh(): void;
}

export function createEndLists({ layers, start, end }: MovingIntervals): EndLists {
  const firstAt = new Int32Array(layers + 1);
  const nextAt = new Int32Array(start.length);
  return {
    firstAt,
    nextAt,
    refresh() {
      firstAt.fill(-1);
      for (let node = start.length - 1; node >= 0; node--) {
        if (end[node] === start[node]) continue;
        nextAt[node] = firstAt[end[node]!]!;
        firstAt[end[node]!] = node;
      }
    },
  };
}
