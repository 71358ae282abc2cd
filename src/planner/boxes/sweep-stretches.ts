import type { SweepNodes } from "./sweep-limits.js";
import { lowest, type SweepState } from "./sweep-state.js";
import type { SweepWork } from "./sweep-work.js";

/** The layers behind a sweep that active nodes hold, cut where nodes started or ended. */
export interface SweepStretches {
  measure(flow: number, at: number): void;
  stretches(): number;
  /** First layers, and the layer where the last one ends. */
  readonly first: Int32Array;
  /** Layers·tokens/s that ended nodes leave to the active ones. */
  readonly needed: Float64Array;
  /** By node and stretch, `row` per node: layers that an active node held, and what came in over them. */
  readonly held: Int32Array;
  readonly brought: Float64Array;
  readonly row: number;
}

export function createSweepStretches(
  { count, layers }: SweepNodes,
  state: SweepState,
  work: SweepWork,
): SweepStretches {
  const { start, end } = state;
  const row = 2 * count;
  const first = new Int32Array(row + 1);
  const needed = new Float64Array(row);
  const held = new Int32Array(row * count);
  const brought = new Float64Array(row * count);
  const isMark = new Uint8Array(layers + 1);
  let stretches = 0;

  const list = (at: number): void => {
    isMark.fill(0);
    let from = at;
    for (let set = state.active; set !== 0; set &= set - 1) {
      const begin = start[lowest(set)]!;
      isMark[begin] = 1;
      from = Math.min(from, begin);
    }
    for (let set = state.ended; set !== 0; set &= set - 1) isMark[end[lowest(set)]!] = 1;
    stretches = 0;
    for (let layer = from; layer < at; layer++) if (isMark[layer] === 1) first[stretches++] = layer;
    first[stretches] = at;
  };

  return {
    first,
    needed,
    held,
    brought,
    row,
    stretches: () => stretches,
    measure(flow, at) {
      list(at);
      for (let s = 0; s < stretches; s++) {
        const [from, to] = [first[s]!, first[s + 1]!];
        needed[s] = flow * (to - from) - work.doneBetween(flow, from, to);
      }
      for (let set = state.active; set !== 0; set &= set - 1) {
        const i = lowest(set);
        for (let s = 0; s < stretches; s++) {
          const [from, to] = [first[s]!, first[s + 1]!];
          const own = start[i]! < to;
          held[i * row + s] = own ? to - from : 0;
          brought[i * row + s] = own ? work.broughtTo(i, from, to) : 0;
        }
      }
    },
  };
}
