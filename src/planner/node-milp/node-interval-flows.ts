import { COORDINATOR, hostOf, linkBetween, machineOf } from "../../core/cluster.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import { addAffineRow, combine, sumColumns, type Affine } from "./node-affine.js";
import type { IntervalNode } from "./node-interval-variables.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";

/** Flow columns at one node, by the border they cross. */
interface NodeFlows {
  readonly into: Map<number, number[]>;
  readonly outOf: Map<number, number[]>;
}

/**
 * f_ij^l: flow on the link i→j of tokens that have done l layers. It may leave i by a choice that
 * ends at l, and enter j by one that starts at l (with partial inference: holds layer l); so rows
 *
 *   Σ_j f_ij^l ≤ Σ_{e = l} T·x_i     Σ_i f_ij^l ≤ Σ_{s ≤ l < e} T·x_j     Σ_l f_ij^l ≤ cap_ij
 *
 * hold without a binary per link or a big M. Plus conservation, NICs and the coordinator's NIC. With
 * partial inference a node at layer 0 that could receive from both the coordinator and a node is
 * charged token ids for the one and activations for the other: a relaxation of the judge's rule.
 * What parts of a machine share (its NIC, its links to other machines) has a row each, charged likewise.
 * @returns the columns that leave the coordinator.
 */
export function addIntervalFlows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly IntervalNode[],
  upperBound: number,
): readonly number[] {
  const { cluster } = problem;
  const { activationBytes, tokenBytes, layers } = cluster.model;
  const partial = usesPartialLinks(problem);
  const flows = nodes.map((): NodeFlows => ({ into: new Map(), outOf: new Map() }));
  const sent: number[] = [];
  const received: number[] = [];

  const wires = createWires(problem);
  const borderFlow = (most: number, cost: number): number =>
    builder.addColumn({ lower: 0, upper: Math.min(most, upperBound), cost });
  nodes.forEach(({ node, choices, mostTokens }, index) => {
    const inward = linkBetween(cluster, COORDINATOR, node)?.bandwidthBytesPerSecond;
    if (inward !== undefined && choices.some(({ start }) => start === 0)) {
      const column = borderFlow(Math.min(inward / tokenBytes, mostTokens), 1);
      push(flows[index]!.into, 0, column);
      wires.add(COORDINATOR, node, column);
      sent.push(column);
    }
    const outward = linkBetween(cluster, node, COORDINATOR)?.bandwidthBytesPerSecond;
    if (outward !== undefined && choices.some(({ end }) => end === layers)) {
      const column = borderFlow(Math.min(outward / tokenBytes, mostTokens), 0);
      push(flows[index]!.outOf, layers, column);
      wires.add(node, COORDINATOR, column);
      received.push(column);
    }
  });

  const ends = nodes.map(({ choices }) => bordersOf(choices.map(({ end }) => [end, end])));
  const entries = nodes.map(({ choices }) =>
    bordersOf(choices.map(({ start, end }) => [start, partial ? end - 1 : start])),
  );
  nodes.forEach((tail, i) => {
    nodes.forEach((head, j) => {
      const link = i === j ? undefined : linkBetween(cluster, tail.node, head.node);
      if (link === undefined) return;
      const most = Math.min(tail.mostTokens, head.mostTokens, upperBound);
      const capacity = link.bandwidthBytesPerSecond / activationBytes;
      const columns: number[] = [];
      for (const border of ends[i]!) {
        if (!entries[j]!.has(border)) continue;
        const column = borderFlow(Math.min(most, capacity), 0);
        columns.push(column);
        push(flows[i]!.outOf, border, column);
        push(flows[j]!.into, border, column);
        wires.add(tail.node, head.node, column);
      }
      if (capacity < most && columns.length > 1)
        addAffineRow(builder, sumColumns(columns), -Infinity, capacity);
    });
  });

  nodes.forEach((node, index) => addNodeRows(builder, problem, node, flows[index]!, partial));
  wires.addRows(builder);
  const nic = cluster.coordinator.nicBytesPerSecond / tokenBytes;
  if (nic < upperBound)
    for (const columns of [sent, received])
      addAffineRow(builder, sumColumns(columns), -Infinity, nic);
  return sent;
}

interface Wires {
  add(from: number, to: number, column: number): void;
  addRows(builder: ModelBuilder): void;
}

/** Collects the flows that pass a NIC or a link which several nodes share. */
function createWires({ cluster }: PlanningProblem): Wires {
  const { activationBytes, tokenBytes } = cluster.model;
  const wires = new Map<string, { readonly most: number; readonly flows: [number, number][] }>();
  const join = (key: string, most: number, column: number, bytes: number): void => {
    const wire = wires.get(key) ?? { most, flows: [] };
    wire.flows.push([column, bytes]);
    wires.set(key, wire);
  };
  return {
    add(from, to, column) {
      const [sender, receiver] = [hostOf(cluster, from), hostOf(cluster, to)];
      if ((sender < 0 && receiver < 0) || sender === receiver) return;
      const ends = from === COORDINATOR || to === COORDINATOR;
      const bytes = ends ? tokenBytes : activationBytes;
      const hosts = cluster.hosts!;
      if (sender >= 0) join(`out ${sender}`, hosts[sender]!.nicBytesPerSecond, column, bytes);
      if (receiver >= 0) join(`in ${receiver}`, hosts[receiver]!.nicBytesPerSecond, column, bytes);
      const link = linkBetween(cluster, from, to)!.bandwidthBytesPerSecond;
      const names = [sender < 0 ? `node ${from}` : sender, receiver < 0 ? `node ${to}` : receiver];
      join(names.join(" > "), link, column, bytes);
    },
    addRows(builder) {
      for (const { most, flows } of wires.values()) {
        if (most === Infinity) continue;
        const usual = Math.max(...flows.map(([, bytes]) => bytes));
        const passed: Affine = {
          constant: 0,
          columns: flows.map(([column]) => column),
          coefficients: flows.map(([, bytes]) => bytes / usual),
        };
        addAffineRow(builder, passed, -Infinity, most / usual);
      }
    },
  };
}

function addNodeRows(
  builder: ModelBuilder,
  { cluster }: PlanningProblem,
  node: IntervalNode,
  { into, outOf }: NodeFlows,
  partial: boolean,
): void {
  const { activationBytes, tokenBytes, layers } = cluster.model;
  const inflow = sumColumns([...into.values()].flat());
  const outflow = sumColumns([...outOf.values()].flat());
  addAffineRow(builder, combine([1, inflow], [-1, outflow]), 0, 0);
  if (node.fixed !== undefined) addAffineRow(builder, inflow, -Infinity, node.mostTokens);
  else {
    for (const [border, columns] of outOf)
      addCapacityRow(builder, columns, node, ({ end }) => end === border);
    for (const [border, columns] of into)
      addCapacityRow(builder, columns, node, ({ start, end }) =>
        partial ? start <= border && border < end : start === border,
      );
  }
  const nic = machineOf(cluster, node.node).nicBytesPerSecond;
  const limit = (columns: readonly number[], bytes: number): void => {
    if (nic / bytes < node.mostTokens && columns.length > 0)
      addAffineRow(builder, sumColumns(columns), -Infinity, nic / bytes);
  };
  limit(into.get(0) ?? [], tokenBytes);
  limit(outOf.get(layers) ?? [], tokenBytes);
  const except = (flows: Map<number, number[]>, border: number): number[] =>
    [...flows].flatMap(([at, columns]) => (at === border ? [] : columns));
  limit(except(into, 0), activationBytes);
  limit(except(outOf, layers), activationBytes);
}

/** Σ columns ≤ Σ T·x over the choices that match. */
function addCapacityRow(
  builder: ModelBuilder,
  columns: readonly number[],
  node: IntervalNode,
  matches: (choice: IntervalNode["choices"][number]) => boolean,
): void {
  const matching = node.choices.filter(matches);
  const capacity: Affine = {
    constant: 0,
    columns: matching.map(({ column }) => column!),
    coefficients: matching.map(({ tokens }) => tokens),
  };
  addAffineRow(builder, combine([1, sumColumns(columns)], [-1, capacity]), -Infinity, 0);
}

function bordersOf(ranges: readonly (readonly [number, number])[]): ReadonlySet<number> {
  const borders = new Set<number>();
  for (const [first, last] of ranges) for (let at = first; at <= last; at++) borders.add(at);
  return borders;
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
