import { machineOf, type Cluster } from "../../core/cluster.js";
import { shuffle, type Random } from "../../core/random.js";
import type { BaselineOutcome } from "./baseline.js";
import type { LayerInterval } from "../../core/placement.js";

/**
 * Petals (Borzunov et al., NeurIPS'23, appendix D, as the Helix artifact does it): nodes come in
 * random order, each with its most layers K, and settle where the throughputs of the K layers,
 * sorted ascending, are lexicographically least. Needs partial inference. O(nodes · L · K log K).
 */
export function placeByPetals(cluster: Cluster, random: Random): BaselineOutcome {
  const { layers } = cluster.model;
  const throughput = new Float64Array(layers);
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  const order = shuffle(
    cluster.nodes.map((_, node) => node),
    random,
  );
  for (const node of order) {
    const { maxLayers, tokensPerSecond } = machineOf(cluster, node).capacity;
    const held = Math.min(maxLayers, layers);
    if (held === 0) continue;
    let start = 0;
    let least = throughput.slice(0, held).sort();
    for (let other = 1; other + held <= layers; other += 1) {
      const candidate = throughput.slice(other, other + held).sort();
      if (isLess(candidate, least)) {
        start = other;
        least = candidate;
      }
    }
    placement[node] = [start, start + held];
    for (let layer = start; layer < start + held; layer += 1) {
      throughput[layer]! += tokensPerSecond[held - 1]!;
    }
  }
  const missing = throughput.filter((value) => value === 0).length;
  if (missing > 0) {
    return { kind: "impossible", reason: `Petals leaves ${missing} layers without a node` };
  }
  return { kind: "placement", placement, notes: [] };
}

function isLess(a: Float64Array, b: Float64Array): boolean {
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return a[at]! < b[at]!;
  return false;
}
