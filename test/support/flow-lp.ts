import type { FlowNetwork } from "../../src/math/flow/network.js";
import { createModelBuilder } from "../../src/math/lp/model-builder.js";
import type { Solver } from "../../src/math/lp/solver.js";

/** The maximum flow as a linear program: one column per arc, conservation at every inner vertex. */
export function solveFlowLp(network: FlowNetwork, solver: Solver): number {
  const { source, tail, head } = network;
  const cost = Float64Array.from(tail, (v, arc) =>
    v === source ? 1 : head[arc] === source ? -1 : 0,
  );
  return solve(network, "maximize", cost, undefined, solver);
}

/** The least cost of a flow of this value; arcs of infinite capacity take at most the value. */
export function solveFlowCostLp(
  network: FlowNetwork,
  cost: Float64Array,
  value: number,
  solver: Solver,
): number {
  return solve(network, "minimize", cost, value, solver);
}

/** Conservation at every inner vertex; the source sends `value`, the sink gets it, if it is given. */
function solve(
  { vertexCount, source, sink, tail, head, capacity }: FlowNetwork,
  sense: "minimize" | "maximize",
  cost: Float64Array,
  value: number | undefined,
  solver: Solver,
): number {
  const builder = createModelBuilder(sense);
  const rows = Array.from({ length: vertexCount }, (_, vertex) => {
    const net = vertex === source ? value : vertex === sink && value !== undefined ? -value : 0;
    const free = (vertex === source || vertex === sink) && value === undefined;
    return builder.addRow(
      free ? { lower: -Infinity, upper: Infinity } : { lower: -net!, upper: -net! },
    );
  });
  capacity.forEach((upper, arc) => {
    builder.addColumn({
      lower: 0,
      upper,
      cost: cost[arc]!,
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
