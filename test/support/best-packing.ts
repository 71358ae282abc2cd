import { degreeOf, machineOf, type Cluster } from "../../src/core/cluster.js";

/**
 * Tokens/s of the best packing of chains that share no node, by trying all of them, one chain after another; links
 * and NICs are not looked at. Where degrees must be equal, they are along a chain.
 */
export function bestPacking(cluster: Cluster): number {
  const { layers } = cluster.model;
  const rate = (node: number, held: number): number =>
    machineOf(cluster, node).capacity.tokensPerSecond[held - 1] ?? 0;
  const goTogether = (a: number | undefined, b: number): boolean =>
    a === undefined ||
    cluster.equalDegrees !== true ||
    degreeOf(cluster, a) === degreeOf(cluster, b);
  const extend = (
    free: readonly number[],
    border: number,
    last: { readonly node: number | undefined; readonly weakest: number },
  ): number => {
    if (border === layers) return last.weakest + extend(free, 0, START);
    let best = 0;
    for (const node of free) {
      if (border > 0 && !goTogether(last.node, node)) continue;
      const others = free.filter((other) => other !== node);
      for (let held = 1; rate(node, held) > 0 && border + held <= layers; held++) {
        const weakest = Math.min(last.weakest, rate(node, held));
        best = Math.max(best, extend(others, border + held, { node, weakest }));
      }
    }
    return best;
  };
  return extend([...cluster.nodes.keys()], 0, START);
}

const START = { node: undefined, weakest: Infinity };
