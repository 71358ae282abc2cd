import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../src/core/cluster.js";
import type { Placement } from "../../src/core/placement.js";
import { createModelBuilder } from "../../src/math/lp/model-builder.js";
import type { Solver } from "../../src/math/lp/solver.js";

/**
 * The most tokens/s through a placement of parted machines, straight from the rules: a column per legal
 * link; what enters a node leaves it and is within T(k); what passes the NIC of a machine, either way, in
 * bytes; what two machines send each other. Shares nothing with the planner's network.
 */
export function solveMachineFlow(
  cluster: Cluster,
  placement: Placement,
  partialInference: boolean,
  solver: Solver,
): number {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const builder = createModelBuilder("maximize");
  const machineAt = (node: number): string => {
    const host = cluster.nodes[node]?.part?.host;
    return host === undefined ? `node ${node}` : `host ${host}`;
  };
  const hops: { from: number; to: number; column: number; bytes: number; wide: number }[] = [];
  const held = [...placement.keys()].filter((node) => placement[node] !== null);
  const hop = (from: number, to: number): void => {
    const link = linkBetween(cluster, from, to);
    if (link === undefined) return;
    const ends = from === COORDINATOR || to === COORDINATOR;
    const bytes = ends ? tokenBytes : activationBytes;
    const upper = link.bandwidthBytesPerSecond / bytes;
    const cost = from === COORDINATOR ? 1 : 0;
    const column = builder.addColumn({ lower: 0, upper, cost });
    hops.push({ from, to, column, bytes, wide: link.bandwidthBytesPerSecond });
  };
  for (const node of held) {
    const [start, end] = placement[node]!;
    if (start === 0) hop(COORDINATOR, node);
    if (end === layers) hop(node, COORDINATOR);
    for (const next of held) {
      const [from, to] = placement[next]!;
      if (next === node) continue;
      if (partialInference ? from <= end && end < to : from === end) hop(node, next);
    }
  }
  const row = (columns: readonly number[], weights: readonly number[], upper: number): void => {
    if (columns.length > 0 && upper < Infinity)
      builder.addRow({ lower: -Infinity, upper, entries: [columns, weights] });
  };
  for (const node of held) {
    const into = hops.filter(({ to }) => to === node).map(({ column }) => column);
    const outOf = hops.filter(({ from }) => from === node).map(({ column }) => column);
    builder.addRow({
      lower: 0,
      upper: 0,
      entries: [
        [...into, ...outOf],
        [...into.map(() => 1), ...outOf.map(() => -1)],
      ],
    });
    const [start, end] = placement[node]!;
    const rate = machineOf(cluster, node).capacity.tokensPerSecond[end - start - 1]!;
    row(
      into,
      into.map(() => 1),
      rate,
    );
  }
  for (const side of ["from", "to"] as const) {
    const coordinator = hops.filter((each) => each[side] === COORDINATOR);
    const limit = cluster.coordinator.nicBytesPerSecond / tokenBytes;
    row(
      coordinator.map(({ column }) => column),
      coordinator.map(() => 1),
      limit,
    );
    const other = side === "from" ? "to" : "from";
    for (const machine of new Set(held.map(machineAt))) {
      const outside = hops.filter(
        (each) =>
          each[side] !== COORDINATOR &&
          machineAt(each[side]) === machine &&
          (each[other] === COORDINATOR || machineAt(each[other]) !== machine),
      );
      const first = held.find((node) => machineAt(node) === machine)!;
      const host = cluster.nodes[first]!.part?.host;
      const nic =
        host === undefined
          ? machineOf(cluster, first).nicBytesPerSecond
          : cluster.hosts![host]!.nicBytesPerSecond;
      // A node that exchanges activations with anybody outside is charged activations for all.
      const charged = (node: number): number =>
        outside.some((each) => each[side] === node && each[other] !== COORDINATOR)
          ? activationBytes
          : tokenBytes;
      row(
        outside.map(({ column }) => column),
        outside.map((each) => charged(each[side])),
        nic,
      );
    }
  }
  const pairs = new Map<string, (typeof hops)[number][]>();
  for (const each of hops) {
    const ends = [each.from, each.to].map((node) => (node === COORDINATOR ? "" : machineAt(node)));
    if (ends[0] !== ends[1])
      pairs.set(ends.join(" > "), [...(pairs.get(ends.join(" > ")) ?? []), each]);
  }
  for (const together of pairs.values())
    row(
      together.map(({ column }) => column),
      together.map(({ bytes }) => bytes),
      together[0]!.wide,
    );
  const result = solver.solve(builder.build());
  if (result.status !== "optimal") throw new Error(`machine flow: ${result.status}`);
  return result.objective!;
}
