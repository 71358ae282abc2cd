import type { LayerInterval, Placement } from "../../core/placement.js";
import { listMachines } from "../problem/list-machines.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import { findIdenticalNodes } from "../problem/node-symmetry.js";
import type { PlanningProblem } from "../problem/problem.js";

export interface PlacementVisit {
  /**
   * Told of every placement left, with the tokens/s that the holders of each layer compute; both are changed afterwards.
   * @returns false to end the walk
   */
  readonly onPlacement: (placement: Placement, coverage: Float64Array) => boolean;
  /** Intervals given to nodes at most; the walk ends there. */
  readonly mostSteps: number;
}

/**
 * Every placement of which each layer is held by more machines than may be lost: others keep nothing. Alike nodes hold
 * intervals in order, as they may change places. Where the machines left have no room for what layers still lack, none
 * of what follows is walked.
 * @returns whether the walk came to its end
 */
export function visitPlacements(
  problem: PlanningProblem,
  { onPlacement, mostSteps }: PlacementVisit,
): boolean {
  const { cluster, constraints } = problem;
  const { layers } = cluster.model;
  const copies = (constraints.survive?.losses ?? 0) + 1;
  const choices = cluster.nodes.map((_, node) => listChoices(problem, node));
  const twins = new Map<number, number>();
  for (const group of findIdenticalNodes(problem))
    for (let at = 1; at < group.length; at++) twins.set(group[at]!, group[at - 1]!);
  const roomAfter = listRooms(choices);
  const machineOf = new Int32Array(choices.length);
  for (const [machine, nodes] of listMachines(cluster).entries())
    for (const node of nodes) machineOf[node] = machine;

  const coverage = new Float64Array(layers);
  /** By layer and machine: nodes that hold it. */
  const holders = Array.from({ length: layers }, () => new Uint8Array(choices.length));
  /** By layer: machines that hold it. */
  const held = new Uint8Array(layers);
  /** Machines that hold a layer, still missing, summed over layers. */
  let missing = copies * layers;
  const hold = (node: number, [start, end]: LayerInterval, sign: 1 | -1): void => {
    const tokens = sign * capacityOf(cluster, node, [start, end]);
    const machine = machineOf[node]!;
    for (let layer = start; layer < end; layer++) {
      coverage[layer]! += tokens;
      const parts = holders[layer]!;
      parts[machine]! += sign;
      if (parts[machine] !== (sign === 1 ? 1 : 0)) continue;
      held[layer]! += sign;
      if (sign === 1 ? held[layer]! <= copies : held[layer]! < copies) missing -= sign;
    }
  };

  const placement: (LayerInterval | null)[] = choices.map(() => null);
  const chosen = new Int32Array(choices.length);
  let steps = 0;
  const visit = (node: number): boolean => {
    if (missing > roomAfter[node]!) return true;
    if (node === choices.length) return onPlacement(placement, coverage);
    const own = choices[node]!;
    const twin = twins.get(node);
    for (let at = twin === undefined ? 0 : chosen[twin]!; at < own.length; at++) {
      if (++steps > mostSteps) return false;
      const interval = own[at]!;
      chosen[node] = at;
      placement[node] = interval;
      if (interval !== null) hold(node, interval, 1);
      const goOn = visit(node + 1);
      if (interval !== null) hold(node, interval, -1);
      if (!goOn) return false;
    }
    return true;
  };
  return visit(0);
}

/** By node: layers that it and all after it can hold. */
function listRooms(choices: readonly Placement[]): readonly number[] {
  const rooms = [0];
  for (const own of choices.toReversed()) {
    const most = own.reduce(
      (room, each) => Math.max(room, each === null ? 0 : each[1] - each[0]),
      0,
    );
    rooms.unshift(rooms[0]! + most);
  }
  return rooms;
}

function listChoices({ cluster, constraints }: PlanningProblem, node: number): Placement {
  if (constraints.drained.has(node)) return [null];
  const pin = constraints.pins.get(node);
  if (pin !== undefined) return [pin];
  const { layers } = cluster.model;
  const choices: (LayerInterval | null)[] = [null];
  for (let start = 0; start < layers; start++)
    for (let end = start + 1; end <= Math.min(layers, start + mostLayers(cluster, node)); end++)
      if (capacityOf(cluster, node, [start, end]) > 0) choices.push([start, end]);
  return choices;
}
