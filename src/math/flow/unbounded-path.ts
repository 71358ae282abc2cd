import { InputError } from "../../core/errors.js";
import type { FlowNetwork } from "./network.js";
import { buildResidualGraph } from "./residual-graph.js";

/**
 * The arcs of a shortest source–sink path whose capacities are all infinite, in order; undefined
 * when there is none, that is, when the maximum flow is finite. O(n + m).
 */
export function findUnboundedPath(network: FlowNetwork): readonly number[] | undefined {
  const { vertexCount, source, sink, tail, head, capacity } = network;
  if (!capacity.includes(Infinity)) return undefined;
  const endless = Int32Array.from(tail.keys()).filter((a) => capacity[a] === Infinity);
  const part = {
    vertexCount,
    source,
    sink,
    tail: endless.map((a) => tail[a]!),
    head: endless.map((a) => head[a]!),
    capacity: new Float64Array(endless.length),
  };
  const { first, middle, target, slotOf } = buildResidualGraph(part);
  const arcOfSlot = new Int32Array(2 * endless.length);
  endless.forEach((a, i) => (arcOfSlot[slotOf[i]!] = a));
  const arcInto = new Int32Array(vertexCount).fill(-1);
  const queue = [source];
  for (const v of queue) {
    if (v === sink) break;
    for (let slot = first[v]!; slot < middle[v]!; slot++) {
      const w = target[slot]!;
      if (w === source || arcInto[w] !== -1) continue;
      arcInto[w] = arcOfSlot[slot]!;
      queue.push(w);
    }
  }
  if (arcInto[sink] === -1) return undefined;
  const path: number[] = [];
  for (let v = sink; v !== source; v = tail[path.at(-1)!]!) path.push(arcInto[v]!);
  return path.reverse();
}

/** @throws InputError (`input-invalid`) naming the arcs, when the maximum flow has no finite value. */
export function refuseUnboundedPath(network: FlowNetwork): void {
  const path = findUnboundedPath(network);
  if (path === undefined) return;
  throw new InputError("flow network", [
    {
      path: `capacity[${path[0]}]`,
      found: `infinite capacity on every arc of the source–sink path ${path.join(", ")}`,
      expected: "a finite capacity on at least one arc of every source–sink path",
      remedy: "Bound one arc of the path.",
    },
  ]);
}
