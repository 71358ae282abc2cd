import type { Capacity } from "../core/capacity.js";
import { largest } from "../core/extremes.js";
import type { Cluster } from "../core/cluster.js";
import { isByDefault, type EngineChoice } from "../core/engine-choice.js";
import { mostLayersOf } from "../core/interval-capacity.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { Engine } from "./engine.js";

/** Whether the engine runs on the machine type's card; it is taken to, where the card is not known. */
function runsOn({ anyCard }: Pick<Engine, "anyCard">, { gpu }: { readonly gpu?: string }): boolean {
  return anyCard || gpu === undefined || findGpu(gpu)?.homeOnly !== true;
}

/** Nodes whose cards the engine is not known to run on. */
export function listForeign(
  { nodes, machines }: Pick<Cluster, "nodes" | "machines">,
  engine: Pick<Engine, "anyCard">,
): readonly number[] {
  return nodes.flatMap(({ machine }, node) => (runsOn(engine, machines[machine]!) ? [] : [node]));
}

/**
 * Nodes that stay idle under an engine that nobody chose, as it does not run on their cards. Where somebody
 * asked for it by name, that is taken at its word.
 */
export function idleByDefault(
  cluster: Pick<Cluster, "nodes" | "machines">,
  engine: Engine,
  choice: EngineChoice | undefined,
): readonly number[] {
  return isByDefault(choice) ? listForeign(cluster, engine) : [];
}

/** Most layers of a machine type: anywhere, from the first on with the embedding, and up to the last with the head. */
interface Room {
  readonly count: number;
  readonly most: number;
  readonly first: number;
  readonly last: number;
}

function roomOf(capacity: Capacity, count: number, layers: number): Room {
  const plain = mostLayersOf(capacity);
  const { mostFrom } = capacity.byInterval ?? capacity.exactEnds ?? {};
  if (mostFrom === undefined) return { count, most: plain, first: plain, last: plain };
  let last = 0;
  for (let start = layers - 1; start >= 0 && (mostFrom[start] ?? 0) >= layers - start; start -= 1)
    last = layers - start;
  return { count, most: largest(mostFrom, plain), first: mostFrom[0] ?? 0, last };
}

/** What machines hold one after another, ends included, whoever has these. O(types²). */
function holdTogether(rooms: readonly Room[], layers: number): number {
  const sum = rooms.reduce((all, { count, most }) => all + count * most, 0);
  let held = 0;
  for (const head of rooms) {
    if (head.count > 0 && head.first >= layers) return layers;
    held = Math.max(held, head.count > 0 ? head.first : 0);
    for (const tail of rooms) {
      const enough = head === tail ? head.count > 1 : head.count > 0 && tail.count > 0;
      const lost = head.most - head.first + (tail.most - tail.last);
      if (enough) held = Math.max(held, sum - lost);
    }
  }
  return Math.min(layers, held);
}

/**
 * The most layers of the model that the machines hold together under the engine, links aside: on cards that it runs on
 * and, where it takes one degree of tensor parallelism along a chain, with one degree. O(nodes · degrees).
 */
export function roomTogether(
  { nodes, machines, model, parting }: Cluster,
  { anyCard, tensorParallel }: Engine,
): number {
  const { layers } = model;
  const counts = new Map<number, Map<number, number>>();
  const add = (machine: number, count: number): void => {
    const { gpus, gpu } = machines[machine]!;
    if (!runsOn({ anyCard }, gpu === undefined ? {} : { gpu })) return;
    const degree = tensorParallel === "equal" ? gpus : 0;
    const own = counts.get(degree) ?? new Map<number, number>();
    counts.set(degree, own.set(machine, (own.get(machine) ?? 0) + count));
  };
  const boxes = parting?.boxes ?? nodes.map((node) => ({ kind: "node" as const, node }));
  for (const box of boxes) {
    if (box.kind === "node") add(box.node.machine, 1);
    else
      for (const { count, degrees } of box.rows)
        for (const [degree, machine] of degrees) add(machine, Math.floor(count / degree));
  }
  const rooms = [...counts.values()].map((own) =>
    holdTogether(
      [...own].map(([machine, count]) => roomOf(machines[machine]!.capacity, count, layers)),
      layers,
    ),
  );
  return Math.max(0, ...rooms);
}
