import { groupMachines, type MachineClass } from "../problem/machine-classes.js";
import type { LayerInterval, NodeIntervals, Placement } from "../../core/placement.js";
import { layNodes } from "../problem/chain.js";
import type { Strategy } from "../problem/strategy.js";

/**
 * The best single pipeline: the largest F with Σ_i max{k : T_i(k) ≥ F} ≥ L (with partial inference,
 * where intervals may overlap), or whose layer counts can add up to L exactly (without). Fewest nodes
 * first, so that depth stays low. O(steps · nodes · L) at worst, milliseconds for thousands of nodes.
 */
export const chainStrategy: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  const { layers } = cluster.model;
  const classes = groupMachines(cluster, constraints).filter(({ pin }) => pin === undefined);
  const flows = [...new Set(classes.flatMap(({ options }) => options.map(({ rate }) => rate)))];
  flows.sort((a, b) => a - b);
  const overlap = problem.partialInference && constraints.maxNodesPerStage === undefined;
  let best: Placement | undefined;
  let low = 0;
  let high = flows.length - 1;
  while (low <= high && !context.shouldStop()) {
    const middle = (low + high) >> 1;
    const chain = buildChain(classes, layers, flows[middle]!, overlap && !constraints.chainsOnly);
    if (chain === undefined) high = middle - 1;
    else {
      best = layNodes(problem, chain);
      low = middle + 1;
    }
  }
  if (best !== undefined) context.offer(best);
};

/** A pipeline of nodes with T(k) ≥ flow each over all layers, if there is one. */
function buildChain(
  classes: readonly MachineClass[],
  layers: number,
  flow: number,
  overlap: boolean,
): NodeIntervals | undefined {
  const counts = overlap ? coverLongestFirst(classes, layers, flow) : addUp(classes, layers, flow);
  if (counts === undefined) return undefined;
  const chain: [number, LayerInterval][] = [];
  let border = 0;
  for (const [node, held] of counts) {
    const start = Math.max(0, Math.min(border, layers - held));
    chain.push([node, [start, start + held]]);
    border = start + held;
  }
  return chain;
}

type Held = readonly (readonly [node: number, layers: number])[];

function coverLongestFirst(
  classes: readonly MachineClass[],
  layers: number,
  flow: number,
): Held | undefined {
  const longest = classes
    .map(({ nodes, options }) => ({ nodes, held: options.findLast((o) => o.rate >= flow)?.layers }))
    .toSorted((a, b) => (b.held ?? 0) - (a.held ?? 0));
  const chosen: [number, number][] = [];
  let covered = 0;
  for (const { nodes, held } of longest) {
    if (held === undefined) break;
    for (const node of nodes) {
      if (covered >= layers) return chosen;
      chosen.push([node, held]);
      covered += held;
    }
  }
  return covered >= layers ? chosen : undefined;
}

/** Bounded subset sum: fewest nodes whose layer counts add up to exactly `layers`. */
function addUp(classes: readonly MachineClass[], layers: number, flow: number): Held | undefined {
  let fewest = new Int32Array(layers + 1).fill(-1);
  fewest[0] = 0;
  const taken: { readonly node: number; readonly held: Int32Array }[] = [];
  for (const { nodes, options } of classes) {
    const lengths = options.filter(({ rate }) => rate >= flow).map((option) => option.layers);
    for (const node of nodes.slice(0, layers)) {
      const next = fewest.slice();
      const held = new Int32Array(layers + 1);
      for (const length of lengths) {
        for (let sum = length; sum <= layers; sum++) {
          const before = fewest[sum - length]!;
          if (before < 0 || (next[sum]! >= 0 && next[sum]! <= before + 1)) continue;
          next[sum] = before + 1;
          held[sum] = length;
        }
      }
      taken.push({ node, held });
      fewest = next;
    }
  }
  if (fewest[layers]! < 0) return undefined;
  const chosen: [number, number][] = [];
  for (let i = taken.length - 1, sum = layers; i >= 0 && sum > 0; i--) {
    const held = taken[i]!.held[sum]!;
    if (held === 0) continue;
    chosen.push([taken[i]!.node, held]);
    sum -= held;
  }
  return chosen;
}
