import type { Random } from "../../core/random.js";
import type { Placement } from "../../core/placement.js";
import type { LocalEvaluator } from "./local-evaluator.js";

/** Changes a placement within memory and layers, and takes the last change back. */
export interface LocalMoves {
  /**
   * One random change of one or more movable nodes, towards layers that lack coverage for `target`
   * and nodes in the minimum cut more often than elsewhere. @returns false when the draw had nothing to change.
   */
  propose(target: number): boolean;
  /** Undoes the last proposal. */
  undo(): void;
  /** Whether the last proposal put more than `limit` nodes on a layer. */
  crowds(limit: number): boolean;
  /** Tells of every node that the last proposal changed, and what it held before; start = end for nothing. */
  eachChange(visit: (node: number, oldStart: number, oldEnd: number) => void): void;
}

export interface MoveSetup {
  readonly evaluator: LocalEvaluator;
  /** Nodes that may change. */
  readonly movable: readonly number[];
  /** Nodes with the same class are interchangeable: swapping them is no move. Length: nodes. */
  readonly classes: Int32Array;
  readonly random: Random;
  /** What nodes should hold where nothing speaks against it: they are often sent back there, or next to it. */
  readonly homes?: Placement;
}

type Draw = (target: number) => void;

/**
 * Moves: shift, resize, swap, copy of another node's interval, cover of a weak layer, alignment to
 * another node's border, emptying, a border moved between two neighbours, and a ripple that moves
 * every border in a range, so that one stage grows at the expense of another far away.
 * A move costs O(changed layers), a ripple O(nodes).
 */
export function createLocalMoves(setup: MoveSetup): LocalMoves {
  const { evaluator, movable, classes, random, homes } = setup;
  const { start, end, most, coverage, holders, layers, critical, linkedCoverage } = evaluator;
  const fixed = new Uint8Array(start.length).fill(1);
  for (const node of movable) fixed[node] = 0;
  const changed = new Int32Array(start.length);
  const oldStart = new Int32Array(start.length);
  const oldEnd = new Int32Array(start.length);
  let changes = 0;

  function change(node: number, from: number, to: number): void {
    if (start[node] === from && end[node] === to) return;
    changed[changes] = node;
    oldStart[changes] = start[node]!;
    oldEnd[changes] = end[node]!;
    changes += 1;
    evaluator.place(node, from, to);
  }

  /** Half of the draws look where the minimum cut passes: nothing else can raise the flow. */
  const criticalNode = (): number =>
    critical.count > 0 && random.int(2) === 0 ? critical.nodes[random.int(critical.count)]! : -1;
  const anyNode = (): number => {
    const node = criticalNode();
    return node >= 0 && fixed[node] === 0 ? node : movable[random.int(movable.length)]!;
  };
  const anyOther = (): number => {
    const node = criticalNode();
    return node >= 0 ? node : random.int(start.length);
  };
  const sign = (): number => (random.int(2) === 0 ? -1 : 1);

  /** Gives the node as much of [from, to) as it can hold, kept within the layers. */
  function fit(node: number, from: number, to: number, keepStart: boolean): void {
    const size = Math.min(to - from, most[node]!);
    if (size < 1) return;
    const first = keepStart ? from : to - size;
    const within = Math.max(0, Math.min(first, layers - size));
    change(node, within, within + size);
  }

  /** A likely size: near what the node holds now, else anything up to its most. */
  function anySize(node: number): number {
    const now = end[node]! - start[node]!;
    if (now === 0 || random.int(3) === 0) return 1 + random.int(most[node]!);
    return Math.max(1, Math.min(most[node]!, now + random.int(3) - 1));
  }

  const shift: Draw = () => {
    const node = anyNode();
    const size = end[node]! - start[node]!;
    if (size === 0) return;
    const step = sign() * (1 + (random.int(3) === 0 ? random.int(4) : 0));
    fit(node, start[node]! + step, end[node]! + step, true);
  };

  const resize: Draw = () => {
    const node = anyNode();
    if (start[node] === end[node]) return;
    const [growsStart, step] = [random.int(2) === 0, sign()];
    const from = growsStart ? start[node]! - step : start[node]!;
    const to = growsStart ? end[node]! : end[node]! + step;
    if (from < 0 || to > layers || to - from < 1 || to - from > most[node]!) return;
    change(node, from, to);
  };

  const swap: Draw = () => {
    const [a, b] = [anyNode(), anyNode()];
    if (classes[a] === classes[b]) return;
    const [aStart, aEnd, bStart, bEnd] = [start[a]!, end[a]!, start[b]!, end[b]!];
    const keepStart = random.int(2) === 0;
    if (bStart === bEnd) change(a, 0, 0);
    else fit(a, bStart, bEnd, keepStart);
    if (aStart === aEnd) change(b, 0, 0);
    else fit(b, aStart, aEnd, keepStart);
  };

  const copy: Draw = () => {
    const [node, other] = [anyNode(), anyOther()];
    if (start[other] === end[other]) return;
    fit(node, start[other]!, end[other]!, random.int(2) === 0);
  };

  const lackless = (layer: number, target: number): boolean =>
    Math.min(coverage[layer]!, linkedCoverage[layer]!) >= target;

  const coverWeak: Draw = (target) => {
    const node = anyNode();
    let layer = random.int(layers);
    for (let looked = 0; looked < layers && lackless(layer, target); looked++)
      layer = layer + 1 === layers ? 0 : layer + 1;
    const size = anySize(node);
    const from = layer - random.int(size);
    fit(node, from, from + size, true);
  };

  const align: Draw = () => {
    const [node, other] = [anyNode(), anyOther()];
    if (node === other || start[other] === end[other]) return;
    const size = anySize(node);
    if (random.int(2) === 0) {
      if (end[other]! + size <= layers) change(node, end[other]!, end[other]! + size);
    } else if (start[other]! >= size) change(node, start[other]! - size, start[other]!);
  };

  const empty: Draw = () => change(anyNode(), 0, 0);

  const moveBorder: Draw = () => {
    const node = anyNode();
    const border = end[node]!;
    const step = sign();
    const to = border + step;
    const size = to - start[node]!;
    if (start[node] === border || border === layers || size < 1 || size > most[node]!) return;
    const offset = random.int(movable.length);
    for (let k = 0; k < movable.length; k++) {
      const other = movable[(k + offset) % movable.length]!;
      if (start[other] !== border || start[other] === end[other]) continue;
      if (end[other]! - to < 1 || end[other]! - to > most[other]!) continue;
      change(node, start[node]!, to);
      change(other, to, end[other]!);
      return;
    }
  };

  const ripple: Draw = () => {
    const [a, b] = [random.int(start.length), random.int(start.length)];
    if (start[a] === end[a] || start[b] === end[b]) return;
    const [low, high] = [Math.min(end[a]!, start[b]!), Math.max(end[a]!, start[b]!)];
    const step = sign();
    if (low + step < 1 || high + step > layers - 1) return;
    for (let node = 0; node < start.length; node++) {
      const [from, to] = [start[node]!, end[node]!];
      if (from === to) continue;
      const newFrom = from >= low && from <= high ? from + step : from;
      const newTo = to >= low && to <= high ? to + step : to;
      if (newFrom === from && newTo === to) continue;
      const size = newTo - newFrom;
      if (fixed[node] === 1 || size < 1 || size > most[node]!) {
        undo();
        return;
      }
      change(node, newFrom, newTo);
    }
  };

  const home: Draw = () => {
    const node = movable[random.int(movable.length)]!;
    const own = homes?.[node] ?? null;
    if (own === null) return;
    const loose = random.int(2);
    const from = Math.max(0, own[0] + loose * (random.int(3) - 1));
    const to = Math.min(layers, own[1] + loose * (random.int(3) - 1));
    if (from < to && to - from <= most[node]!) change(node, from, to);
  };

  const draws: readonly Draw[] = [
    ...(homes === undefined ? [] : [home, home, home, home]),
    shift,
    resize,
    resize,
    swap,
    swap,
    copy,
    coverWeak,
    coverWeak,
    align,
    align,
    moveBorder,
    ripple,
    ripple,
  ];

  function undo(): void {
    while (changes > 0) {
      changes -= 1;
      evaluator.place(changed[changes]!, oldStart[changes]!, oldEnd[changes]!);
    }
  }

  return {
    propose(target) {
      changes = 0;
      const draw = random.int(40) === 0 ? empty : draws[random.int(draws.length)]!;
      draw(target);
      return changes > 0;
    },
    undo,
    eachChange(visit) {
      for (let k = 0; k < changes; k++) visit(changed[k]!, oldStart[k]!, oldEnd[k]!);
    },
    crowds(limit) {
      for (let k = 0; k < changes; k++) {
        const node = changed[k]!;
        for (let layer = start[node]!; layer < end[node]!; layer++)
          if (holders[layer]! > limit) return true;
      }
      return false;
    },
  };
}
