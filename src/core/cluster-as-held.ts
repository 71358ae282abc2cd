import type { Capacity, Curve } from "./capacity.js";
import type { Cluster, Machine } from "./cluster.js";
import { clusterHolding } from "./exact-ends.js";
import type { LayerInterval, Placement } from "./placement.js";

/**
 * The cluster with every node as what it holds makes it: figures by count of layers are those of its own
 * first layer on, curves those of its own layers. The same cluster where layers do not differ.
 * O(nodes + machine types · intervals).
 */
export function clusterAsHeld(given: Cluster, placement: Placement): Cluster {
  const cluster = clusterHolding(given, placement);
  if (cluster.machines.every(({ capacity }) => capacity.byInterval === undefined)) return cluster;
  const machines: Machine[] = [...cluster.machines];
  const known = new Map<string, number>();
  const nodes = cluster.nodes.map((node, index) => {
    const interval = placement[index] ?? null;
    const machine = cluster.machines[node.machine]!;
    if (interval === null || machine.capacity.byInterval === undefined) return node;
    const key = `${node.machine} ${interval[0]} ${interval[1]}`;
    const held = known.get(key) ?? machines.length;
    if (held === machines.length)
      machines.push({ ...machine, capacity: capacityAsHeld(machine.capacity, interval) });
    known.set(key, held);
    return { ...node, machine: held };
  });
  return { ...cluster, machines, nodes };
}

function capacityAsHeld(capacity: Capacity, [start, end]: LayerInterval): Capacity {
  const { byInterval, curves, inMix: _, ...plain } = capacity;
  if (byInterval === undefined) return capacity;
  const seconds = byInterval.relativeSeconds.slice(start, end);
  const factor = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
  const scale = (curve: Curve): Curve => curve.map(([x, y]) => [x, y * factor] as const);
  const decodes = byInterval.decodeMaxTokens?.[start];
  const prompts = curves?.promptMaxRequests?.[0];
  return {
    ...plain,
    maxLayers: byInterval.mostFrom[start]!,
    tokensPerSecond: byInterval.tokensPerSecond[start]!,
    kvCacheTokens: byInterval.kvCacheTokens[start]!,
    ...(curves === undefined
      ? {}
      : {
          curves: {
            promptSeconds: scale(curves.promptSeconds),
            decodeSeconds: scale(curves.decodeSeconds),
            ...(decodes === undefined ? {} : { decodeMaxTokens: decodes }),
            ...(prompts === undefined
              ? {}
              : { promptMaxRequests: byInterval.tokensPerSecond[start]!.map(() => prompts) }),
          },
        }),
  };
}
