import { OUTWARD } from "./compute-bounds.js";
import type { NodeGroup } from "./interval-work.js";

/** Whether nodes can cover every layer with a flow; unknown when the steps ran out. */
export type CoverAnswer = "yes" | "no" | "unknown";

/** An end and what the node then passes, no more than the flow. */
interface Reach {
  readonly end: number;
  readonly rate: number;
}

/**
 * Looks for an interval of every node such that the nodes over each layer pass `flow` together, no link
 * looked at: "no" proves that no placement carries it. The first layer that lacks some is covered by one more
 * node from there on: starting sooner would cover nothing else that lacks any, and what a node passes of
 * more layers is taken for these too. Ends go down from the longest that still passes the flow. Branches
 * are left where even the most work of the nodes left, layers weighted, is less than what lacks.
 * @param weights ≥ 0, one for each layer.
 */
export function tryCover(
  groups: readonly NodeGroup[],
  weights: readonly number[],
  flow: number,
  mostSteps: number,
): CoverAnswer {
  const layers = weights.length;
  const upTo = [0];
  for (const weight of weights) upTo.push(upTo.at(-1)! + weight);
  const reaches = groups.map(({ choices }) => listReaches(choices, layers, flow));
  const mostFrom = reaches.map((rows) => {
    const most = new Float64Array(layers + 1);
    for (let at = layers - 1; at >= 0; at--)
      most[at] = rows[at]!.reduce(
        (high, { end, rate }) => Math.max(high, rate * (upTo[end]! - upTo[at]!)),
        most[at + 1]!,
      );
    return most;
  });
  const left = groups.map(({ count }) => count);
  const lacking = new Float64Array(layers).fill(flow * (1 - OUTWARD));
  let steps = 0;
  const go = (from: number): CoverAnswer => {
    let first = from;
    while (first < layers && lacking[first]! <= 0) first++;
    if (first === layers) return "yes";
    if (++steps > mostSteps) return "unknown";
    let needed = 0;
    for (let at = first; at < layers; at++) needed += weights[at]! * Math.max(0, lacking[at]!);
    let most = 0;
    for (let group = 0; group < left.length; group++)
      most += left[group]! * mostFrom[group]![first]!;
    if (most < needed * (1 - OUTWARD)) return "no";
    for (let group = 0; group < left.length; group++) {
      if (left[group] === 0) continue;
      left[group]! -= 1;
      for (const { end, rate } of reaches[group]![first]!) {
        for (let at = first; at < end; at++) lacking[at]! -= rate;
        const answer = go(first);
        for (let at = first; at < end; at++) lacking[at]! += rate;
        if (answer !== "no") return answer;
      }
      left[group]! += 1;
    }
    return "no";
  };
  return go(0);
}

/** By first layer, the ends worth trying, the longest first: a nearer one only where more is passed. */
function listReaches(
  choices: NodeGroup["choices"],
  layers: number,
  flow: number,
): readonly (readonly Reach[])[] {
  const rates = Array.from({ length: layers }, () => new Float64Array(layers + 1));
  for (const { interval, rate } of choices) {
    const [start, end] = interval;
    rates[start]![end] = Math.min(flow, rate);
  }
  return rates.map((row, start) => {
    const reaches: Reach[] = [];
    for (let end = layers; end > start; end--) {
      row[end] = Math.max(row[end]!, start === 0 ? 0 : rates[start - 1]![end]!);
      const beaten = reaches.at(-1)?.rate ?? 0;
      if (row[end]! > beaten) reaches.push({ end, rate: row[end]! });
    }
    return reaches;
  });
}
