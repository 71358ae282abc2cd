import { createSweepFlow } from "./sweep-flow.js";
import type { SweepNodes } from "./sweep-limits.js";
import type { SweepRules } from "./sweep-rules.js";
import { isIn, lowest, type SweepState } from "./sweep-state.js";

/** What gets from the coordinator through the nodes that have ended into those that go on. */
export interface SweepPassage {
  /**
   * Tokens/s, at most `enough`, into a set of active nodes if no active node ends before a layer; if that is the last
   * one, through them and on to the coordinator.
   */
  into(set: number, at: number, enough: number): number;
  /** Max flows solved since it was made. */
  flows(): number;
}

export function createSweepPassage(
  nodes: SweepNodes,
  state: SweepState,
  rules: SweepRules,
): SweepPassage {
  const { count, layers, links, leadsTo } = nodes;
  const { start, end } = state;
  const network = createSweepFlow(count);
  let flows = 0;

  const load = (into: number, at: number): void => {
    network.clear();
    for (let set = state.active | state.ended; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const goesOn = isIn(state.active, i);
      const rate = goesOn ? nodes.rateFrom(i, start[i]!, at) : nodes.rate(i, start[i]!, end[i]!);
      const leaves = at === layers ? nodes.exit[i]! : rate;
      network.setNode(i, rate, start[i] === 0 ? nodes.entry[i]! : 0, isIn(into, i) ? leaves : 0);
    }
    for (let set = state.ended; set !== 0; set &= set - 1) {
      const i = lowest(set);
      for (let to = (state.active | state.ended) & leadsTo[i]!; to !== 0; to &= to - 1) {
        const j = lowest(to);
        if (rules.isLegal(i, j)) network.setLink(i, j, links[i * count + j]!);
      }
    }
  };

  return {
    into(set, at, enough) {
      flows += 1;
      load(set, at);
      return network.maximum(enough);
    },
    flows: () => flows,
  };
}
