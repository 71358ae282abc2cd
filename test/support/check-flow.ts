import { expect } from "vitest";
import type { FlowNetwork } from "../../src/flow/network.js";

/** Expects conservation and capacities of a flow that came out of a solver, to 1e-3 tokens/s. */
export function checkFlow(network: FlowNetwork, flow: Float64Array): void {
  const balance = new Float64Array(network.vertexCount);
  for (let arc = 0; arc < flow.length; arc++) {
    expect(flow[arc]).toBeGreaterThanOrEqual(-1e-3);
    expect(flow[arc]).toBeLessThanOrEqual(network.capacity[arc]! + 1e-3);
    balance[network.tail[arc]!]! -= flow[arc]!;
    balance[network.head[arc]!]! += flow[arc]!;
  }
  for (let vertex = 0; vertex < network.vertexCount; vertex++) {
    if (vertex === network.source || vertex === network.sink) continue;
    expect(Math.abs(balance[vertex]!)).toBeLessThan(1e-3);
  }
}
