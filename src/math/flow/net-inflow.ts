import type { FlowNetwork } from "./network.js";

/** Flow into the vertex minus flow out of it. O(m). */
export function netInflow(network: FlowNetwork, flow: Float64Array, vertex: number): number {
  const { tail, head } = network;
  let into = 0;
  let out = 0;
  for (let a = 0; a < flow.length; a++) {
    if (head[a] === vertex) into += flow[a]!;
    else if (tail[a] === vertex) out += flow[a]!;
  }
  return into - out;
}
