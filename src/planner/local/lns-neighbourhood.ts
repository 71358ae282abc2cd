import { shuffle, type Random } from "../../core/random.js";
import type { LocalEvaluator } from "./local-evaluator.js";

/** Ways to choose the nodes that a round frees. */
export const NEIGHBOURHOODS = ["cut", "window", "region", "random"] as const;
export type Neighbourhood = (typeof NEIGHBOURHOODS)[number];

/**
 * `size` of the movable nodes, around the placement that the evaluator holds:
 * - cut: nodes whose capacity is in the minimum cut (or that hold a layer covered least), then
 *   their neighbours in layers, then any;
 * - window: nodes that touch a random range of layers, and empty ones;
 * - region: nodes of one region, or of two that exchange tokens, near a random layer;
 * - random: any.
 */
export function chooseFree(
  kind: Neighbourhood,
  evaluator: LocalEvaluator,
  movable: readonly number[],
  regionOf: (node: number) => number,
  size: number,
  random: Random,
): ReadonlySet<number> {
  const candidates = shuffle([...movable], random);
  if (kind === "random") return new Set(candidates.slice(0, size));
  const { start, end, layers } = evaluator;
  const held = (node: number): boolean => start[node]! < end[node]!;
  /** Layers between the node's interval and [from, to); empty nodes are near everything. */
  const distance = (node: number, from: number, to: number): number =>
    held(node) ? Math.max(0, start[node]! - to, from - end[node]!) : 1;
  const nearest = (from: number, to: number, among: readonly number[]): ReadonlySet<number> => {
    const sorted = among
      .map((node) => [distance(node, from, to), node] as const)
      .sort(([a], [b]) => a - b);
    return new Set(sorted.slice(0, size).map(([, node]) => node));
  };
  if (kind === "window") {
    const from = random.int(layers);
    return nearest(from, from + 1, candidates);
  }
  if (kind === "region") {
    const [a, b] = [regionOf(candidates[0]!), regionOf(candidates.at(-1)!)];
    const from = random.int(layers);
    const inside = candidates.filter((node) => [a, b].includes(regionOf(node)));
    return nearest(from, from + 1, inside);
  }
  const weakest = evaluator.weakest();
  const flow = evaluator.flow();
  const critical = candidates.filter((node) => {
    if (!held(node)) return false;
    if (evaluator.inCut(node)) return true;
    for (let layer = start[node]!; layer < end[node]!; layer++)
      if (weakest <= flow * (1 + 1e-9) && evaluator.coverage[layer]! <= weakest) return true;
    return false;
  });
  const seed = critical[0] ?? candidates[0]!;
  const free = critical.slice(0, Math.ceil(size / 2));
  const rest = candidates.filter((node) => !free.includes(node));
  const near = nearest(start[seed]!, end[seed]!, rest);
  return new Set([...free, ...near].slice(0, size));
}
