import type { PlacementNetwork, SharedWires } from "./placement-network.js";
import { divideWires } from "./share-wires.js";

/**
 * The network without the links that carry no flow; nodes, NICs and their capacities stay, and what wires
 * are shared is divided among those that are left. O(arcs).
 */
export function keepCarryingLinks(
  { network, kinds, from, to, wires }: PlacementNetwork,
  flow: Float64Array,
): PlacementNetwork {
  const kept = [...kinds.keys()].filter((arc) => kinds[arc] !== "link" || flow[arc]! > 0);
  return divideWires({
    ...(wires === undefined ? {} : { wires: keepWires(wires, kept) }),
    network: {
      ...network,
      tail: Int32Array.from(kept, (arc) => network.tail[arc]!),
      head: Int32Array.from(kept, (arc) => network.head[arc]!),
      capacity: Float64Array.from(kept, (arc) => network.capacity[arc]!),
    },
    kinds: kept.map((arc) => kinds[arc]!),
    from: Int32Array.from(kept, (arc) => from[arc]!),
    to: Int32Array.from(kept, (arc) => to[arc]!),
  });
}

function keepWires({ bundles, alone }: SharedWires, kept: readonly number[]): SharedWires {
  const place = new Map(kept.map((arc, index) => [arc, index]));
  return {
    alone: Float64Array.from(kept, (arc) => alone[arc]!),
    bundles: bundles.map(({ arcs, weights, capacity }) => {
      const left = [...arcs.keys()].filter((index) => place.has(arcs[index]!));
      return {
        arcs: left.map((index) => place.get(arcs[index]!)!),
        weights: left.map((index) => weights[index]!),
        capacity,
      };
    }),
  };
}
