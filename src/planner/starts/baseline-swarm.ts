import { machineOf, type Cluster } from "../../core/cluster.js";
import type { BaselineOutcome } from "./baseline.js";
import type { LayerInterval } from "../../core/placement.js";

/**
 * Swarm (Ryabinin et al., ICML'23, as the Helix artifact does it): S equal stages, S divides L, as
 * few as the smallest machine permits. Nodes by falling T(stage), later ones first among equals;
 * each joins the stage with the least summed T. O(nodes · stages).
 */
export function placeBySwarm(cluster: Cluster): BaselineOutcome {
  const { layers } = cluster.model;
  const usable = cluster.nodes
    .map((_, node) => node)
    .filter((node) => machineOf(cluster, node).capacity.maxLayers > 0);
  const smallest = usable.reduce(
    (least, node) => Math.min(least, machineOf(cluster, node).capacity.maxLayers),
    layers,
  );
  let stages = Math.max(1, Math.ceil(layers / smallest));
  while (layers % stages !== 0) stages += 1;
  if (usable.length < stages) {
    return {
      kind: "impossible",
      reason: `Swarm needs ${stages} stages of ${layers / stages} layers, one node each; ${usable.length} nodes can hold a layer`,
    };
  }
  const held = layers / stages;
  const speed = (node: number): number =>
    machineOf(cluster, node).capacity.tokensPerSecond[held - 1]!;
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  const total = new Float64Array(stages);
  for (const node of usable.toSorted((a, b) => speed(b) - speed(a) || b - a)) {
    const stage = total.indexOf(total.reduce((a, b) => Math.min(a, b)));
    placement[node] = [stage * held, (stage + 1) * held];
    total[stage]! += speed(node);
  }
  return { kind: "placement", placement, notes: [] };
}
