import { largest } from "../../core/extremes.js";
import { linkBetween, type Cluster } from "../../core/cluster.js";
import type { NetworkModel } from "./network-model.js";
import type { LayerInterval, NodeIntervals } from "../../core/placement.js";
import type { ChainStage } from "./region-chain.js";

const ROUNDS = 4;

/**
 * Names the nodes of a chain's stages, with their intervals. At borders
 * between regions the nodes are chosen by their links to the other side, turn by turn; elsewhere any will
 * do. Layers beyond L are taken off the stages that hold most.
 */
export function assignChain(
  cluster: Cluster,
  model: NetworkModel,
  stages: readonly ChainStage[],
): NodeIntervals {
  const lengths = fitLengths(
    stages.map(({ pattern }) => pattern.layers),
    model.layers,
  );
  const chosen = chooseNodes(cluster, model, stages);
  let start = 0;
  return chosen.flatMap((nodes, index) => {
    const interval: LayerInterval = [start, (start += lengths[index]!)];
    return interval[0] < interval[1] ? nodes.map((node) => [node, interval] as const) : [];
  });
}

/** Lengths that add up to `total`, shortened one layer at a time where they are longest. */
function fitLengths(lengths: readonly number[], total: number): readonly number[] {
  const fitted = [...lengths];
  for (let excess = fitted.reduce((sum, k) => sum + k, 0) - total; excess > 0; excess--) {
    const longest = fitted.indexOf(largest(fitted));
    fitted[longest]!--;
  }
  return fitted;
}

function chooseNodes(
  cluster: Cluster,
  model: NetworkModel,
  stages: readonly ChainStage[],
): readonly (readonly number[])[] {
  const free = model.classes.map(({ nodes }) => new Set(nodes));
  const chosen: number[][] = stages.map(() => []);
  const take = (index: number, worth: (node: number) => number): void => {
    for (const node of chosen[index]!) release(node);
    chosen[index] = stages[index]!.pattern.counts.flatMap(([machineClass, count]) => {
      const best = [...free[machineClass]!]
        .map((node) => ({ node, worth: worth(node) }))
        .sort((x, y) => y.worth - x.worth || x.node - y.node)
        .slice(0, count)
        .map(({ node }) => node);
      for (const node of best) free[machineClass]!.delete(node);
      return best;
    });
  };
  const classOf = new Map(
    model.classes.flatMap(({ nodes }, index) => nodes.map((node) => [node, index] as const)),
  );
  const release = (node: number): void => void free[classOf.get(node)!]!.add(node);
  const linkWorth = (from: number, to: number): number =>
    linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0;

  const borders = stages.flatMap((stage, index) =>
    index > 0 && stages[index - 1]!.region !== stage.region ? [index] : [],
  );
  for (let round = 0; round < ROUNDS; round++) {
    for (const border of borders) {
      const heads = round === 0 ? undefined : chosen[border]!;
      take(border - 1, (node) => {
        const next = heads ?? model.classes.find((c) => c.region === stages[border]!.region)!.nodes;
        const onwards = next.reduce((sum, head) => sum + linkWorth(node, head), 0);
        return onwards + backwards(border - 1, node);
      });
      const tails = chosen[border - 1]!;
      take(border, (node) => {
        const inwards = tails.reduce((sum, tail) => sum + linkWorth(tail, node), 0);
        return inwards + forwards(border, node);
      });
    }
  }
  function backwards(index: number, node: number): number {
    if (!borders.includes(index)) return 0;
    return chosen[index - 1]!.reduce((sum, tail) => sum + linkWorth(tail, node), 0);
  }
  function forwards(index: number, node: number): number {
    if (!borders.includes(index + 1)) return 0;
    return chosen[index + 1]!.reduce((sum, head) => sum + linkWorth(node, head), 0);
  }
  stages.forEach((_, index) => {
    if (chosen[index]!.length === 0) take(index, () => 0);
  });
  return chosen;
}
