import type { FlowNetwork } from "../../src/flow/network.js";
import { createModelBuilder } from "../../src/lp/model-builder.js";
import type { Solver } from "../../src/lp/solver.js";

/** The maximum flow as a linear program: one column per arc, conservation at every inner vertex. */
export function solveFlowLp(network: FlowNetwork, solver: Solver): number {
  const { vertexCount, source, sink, tail, head, capacity } = network;
  const builder = createModelBuilder("maximize");
  const rows = Array.from({ length: vertexCount }, (_, vertex) =>
    vertex === source || vertex === sink
      ? builder.addRow({ lower: -Infinity, upper: Infinity })
      : builder.addRow({ lower: 0, upper: 0 }),
  );
  capacity.forEach((upper, arc) => {
    builder.addColumn({
      lower: 0,
      upper,
      cost: tail[arc] === source ? 1 : head[arc] === source ? -1 : 0,
      entries: [
        [rows[tail[arc]!]!, rows[head[arc]!]!],
        [-1, 1],
      ],
    });
  });
  const result = solver.solve(builder.build());
  if (result.status !== "optimal") throw new Error(`flow LP: ${result.status} ${result.message}`);
  return result.objective!;
}
