import type { Capacity } from "../core/capacity.js";
import type { Cluster } from "../core/cluster.js";
import { isByDefault, type EngineChoice } from "../core/engine-choice.js";
import { mostLayersOf } from "../core/interval-capacity.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { Engine } from "./engine.js";

/** Whether the engine runs on the machine type's card; it is taken to, where the card is not known. */
function runsOn({ anyCard }: Pick<Engine, "anyCard">, { gpu }: { readonly gpu?: string }): boolean {
  return anyCard || gpu === undefined || findGpu(gpu)?.homeOnly !== true;
}

/**
 * Nodes that stay idle under an engine that nobody chose, as it does not run on their cards. Where somebody
 * asked for it by name, that is taken at its word.
 */
export function idleByDefault(
  { nodes, machines }: Pick<Cluster, "nodes" | "machines">,
  engine: Engine,
  choice: EngineChoice | undefined,
): readonly number[] {
  if (!isByDefault(choice)) return [];
  return nodes.flatMap(({ machine }, node) => (runsOn(engine, machines[machine]!) ? [] : [node]));
}

/** Most layers, wherever they lie: those in the middle leave out embedding and head. */
function mostOf(capacity: Capacity): number {
  return Math.max(mostLayersOf(capacity), ...(capacity.exactEnds?.mostFrom ?? []));
}

/**
 * The most layers of the model that the machines hold together under the engine, links aside: on cards that it runs on
 * and, where it takes one degree of tensor parallelism along a chain, with one degree. O(nodes · degrees).
 */
export function roomTogether(
  { nodes, machines, model, parting }: Cluster,
  { anyCard, tensorParallel }: Engine,
): number {
  const roomByDegree = new Map<number, number>();
  const add = (machine: number, count: number): void => {
    const { capacity, gpus, gpu } = machines[machine]!;
    if (!runsOn({ anyCard }, gpu === undefined ? {} : { gpu })) return;
    const degree = tensorParallel === "equal" ? gpus : 0;
    roomByDegree.set(degree, (roomByDegree.get(degree) ?? 0) + count * mostOf(capacity));
  };
  const boxes = parting?.boxes ?? nodes.map((node) => ({ kind: "node" as const, node }));
  for (const box of boxes) {
    if (box.kind === "node") add(box.node.machine, 1);
    else
      for (const { count, degrees } of box.rows)
        for (const [degree, machine] of degrees) add(machine, Math.floor(count / degree));
  }
  return Math.min(model.layers, Math.max(0, ...roomByDegree.values()));
}
