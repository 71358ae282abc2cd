import type { SweepChoice, SweepSpace } from "./sweep-space.js";
import type { SweepState, SweepStep } from "./sweep-states.js";

/** A cover of all layers by nodes of which there are enough of each kind. */
export interface Swept {
  /** What it costs at least, in layers of the largest kind. */
  readonly cost: number;
  readonly chosen: readonly SweepChoice[];
}

export interface LabelOptions {
  readonly budget: number;
  /** Covers that load as many layers are of no interest. */
  readonly known: () => number;
  readonly mostLabels: number;
  readonly shouldStop: () => boolean;
}

/** A way from the first border to a state, and what it has used. */
interface Label {
  /** By which it costs more than the base, by prices. */
  readonly dearer: number;
  /** Layers that it loads. */
  readonly loads: number;
  /** Nodes of each kind, and those of the first kinds in one number, see {@link packKinds}. */
  readonly used: Uint16Array;
  readonly packed: number;
  /** Bits of the nodes that have been taken to spare loading what they hold. */
  readonly homes: number;
  readonly before: Label | undefined;
  readonly chosen: readonly SweepChoice[];
}

const EQUAL = 1e-9;
const LOOK_EVERY = 64;

/**
 * The cheapest covers in a graph of states that take no more nodes of a kind than there are: ways are carried from border to border with what
 * they have used, and of two at one state that is dropped which is no better in anything. Every cover within the budget costs at
 * least as much as the cheapest returned. Undefined where there are too many ways.
 */
export function sweepLabels(
  space: SweepSpace,
  levels: readonly (readonly SweepState[])[],
  options: LabelOptions,
): readonly Swept[] | undefined {
  const { mostLabels, shouldStop } = options;
  const most = options.known() - EQUAL;
  const kinds = { nodes: space.nodes, packing: packKinds(space.nodes) };
  const none = {
    dearer: 0,
    loads: 0,
    used: new Uint16Array(space.nodes.length),
    packed: 0,
    homes: 0,
    before: undefined,
    chosen: [],
  };
  const labels = levels.map(() => new Map<number, Label[]>());
  labels[0]!.set(0, [none]);
  let count = 0;
  for (let layer = 0; layer < space.layers; layer++) {
    const states = levels[layer]!;
    let looked = 0;
    for (const [at, own] of labels[layer]!) {
      if (looked++ % LOOK_EVERY === 0 && (shouldStop() || count > mostLabels)) return undefined;
      for (const step of states[at]!.steps) {
        const next = levels[step.layer]![step.to]!;
        const known = labels[step.layer]!.get(step.to) ?? [];
        labels[step.layer]!.set(step.to, known);
        const lasts = space.lasting.subarray(layer + 1, step.layer + 1).reduce((a, b) => a & b, -1);
        for (const label of own) {
          if (label.dearer + step.reduced + next.onward > options.budget) continue;
          if (label.loads + step.loads + next.loads > most) continue;
          const extended = extend(label, step, next, lasts, kinds);
          if (extended !== undefined) count += keep(known, extended, kinds.packing);
        }
      }
    }
    labels[layer]!.clear();
  }
  return [...labels[space.layers]!.values()]
    .flat()
    .map((label) => ({
      cost: Math.max(label.loads, space.base + label.dearer),
      chosen: listChosen(label),
    }))
    .sort((a, b) => a.cost - b.cost);
}

function extend(
  label: Label,
  { reduced, loads, chosen }: SweepStep,
  { fewest, most }: SweepState,
  lasts: number,
  { nodes, packing }: { readonly nodes: readonly number[]; readonly packing: Packing },
): Label | undefined {
  let { homes } = label;
  const used = label.used.slice();
  for (const choice of chosen) {
    used[choice.kind]! += 1;
    const free = choice.homes & ~homes;
    if (choice.homes !== 0 && free === 0) return undefined;
    // The lowest one: nodes of a class are alike.
    homes |= free & -free;
  }
  for (let kind = 0; kind < used.length; kind++) {
    if (used[kind]! + fewest[kind]! > nodes[kind]!) return undefined;
    // What can never be used up makes no difference.
    used[kind] = Math.max(used[kind]!, nodes[kind]! - most[kind]!);
  }
  return {
    dearer: label.dearer + reduced,
    loads: label.loads + loads,
    used,
    packed: packing.shifts.reduce((sum, shift, kind) => sum + (used[kind]! << shift), 0),
    homes: homes & lasts,
    before: label,
    chosen,
  };
}

/** How the first kinds are packed: the bit at which each begins, and a bit above each. */
interface Packing {
  readonly shifts: readonly number[];
  readonly guards: number;
}

/** Of numbers that may be added without a sign. */
const PACKED_BITS = 30;

/** As many kinds as one number has bits for, with one bit more for each: of two such numbers none is larger in any kind where no such bit is borrowed. */
function packKinds(nodes: readonly number[]): Packing {
  const shifts: number[] = [];
  let [guards, taken] = [0, 0];
  for (const count of nodes) {
    const bits = 32 - Math.clz32(count);
    if (taken + bits + 1 > PACKED_BITS) break;
    shifts.push(taken);
    taken += bits + 1;
    guards |= 1 << (taken - 1);
  }
  return { shifts, guards };
}

/** Adds a label to those of its state, which load more and more, without those that it makes needless. @returns how many more there are. */
function keep(known: Label[], label: Label, packing: Packing): number {
  let place = 0;
  for (; place < known.length && known[place]!.loads <= label.loads + EQUAL; place++)
    if (dominates(known[place]!, label, packing)) return 0;
  const before = known.length;
  while (place > 0 && known[place - 1]!.loads > label.loads) place -= 1;
  let kept = place;
  for (let at = place; at < before; at++)
    if (!dominates(label, known[at]!, packing)) known[kept++] = known[at]!;
  known.length = kept;
  known.splice(place, 0, label);
  return kept + 1 - before;
}

function dominates(a: Label, b: Label, { shifts, guards }: Packing): boolean {
  if (a.dearer > b.dearer + EQUAL || a.loads > b.loads + EQUAL) return false;
  if ((((b.packed | guards) - a.packed) & guards) !== guards) return false;
  if ((a.homes & ~b.homes) !== 0) return false;
  for (let kind = shifts.length; kind < a.used.length; kind++)
    if (a.used[kind]! > b.used[kind]!) return false;
  return true;
}

function listChosen(label: Label): readonly SweepChoice[] {
  const chosen: SweepChoice[] = [];
  for (let each: Label | undefined = label; each !== undefined; each = each.before)
    chosen.push(...each.chosen);
  return chosen;
}
