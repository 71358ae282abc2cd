import { COORDINATOR_ID } from "../core/cluster.js";
import type { ClusterFile, NodeEntry } from "../formats/cluster-schema.js";
import type { MachineCount } from "./change.js";
import { entryAtPrice } from "./entry-price.js";

/** Dollars per hour of a machine in a region, where that is said. */
export type PriceIn = (machine: string, region: string | undefined) => number | undefined;

/** Ids that an entry stands for. */
export function idsOf(entry: NodeEntry): readonly string[] {
  if (entry.count === undefined) return [entry.id];
  return Array.from({ length: entry.count }, (_, index) => `${entry.id}-${index}`);
}

/** Nodes of a machine type, in a region if one is named. O(entries). */
export function countNodes(file: ClusterFile, { machine, region }: Omit<MachineCount, "count">) {
  return file.nodes.reduce(
    (sum, entry) => sum + (matches(entry, machine, region) ? (entry.count ?? 1) : 0),
    0,
  );
}

/**
 * The file with `count` more nodes at the end. Without a region they go where most machines of the
 * type are, else beside the coordinator. They get the links of their region, none of their own.
 * @param priceIn what each costs in a region; undefined: what machines of its type cost.
 */
export function addNodes(
  file: ClusterFile,
  { count, machine, region }: MachineCount,
  priceIn: PriceIn = () => undefined,
): ClusterFile {
  if (count === 0) return file;
  const place = region ?? usualRegion(file, machine);
  const entry: NodeEntry = {
    id: freeId(file, region === undefined ? machine : `${machine}-${region}`),
    machine,
    ...(place === undefined ? {} : { region: place }),
    count,
  };
  return { ...file, nodes: [...file.nodes, entryAtPrice(file, entry, priceIn(machine, place))] };
}

/** The file without the last `count` nodes of that kind, and without their links. The caller knows there are so many. */
export function removeNodes(file: ClusterFile, removed: MachineCount): ClusterFile {
  const gone = new Set<string>();
  const nodes = mapLast(file.nodes, removed, (entry, taken) => {
    const ids = idsOf(entry);
    for (const id of ids.slice(ids.length - taken)) gone.add(id);
    const left = ids.length - taken;
    return left === 0 ? [] : [{ ...entry, count: left }];
  });
  return withoutLinks({ ...file, nodes }, gone);
}

/** The file without one node and its links; others keep their ids. O(entries + links). */
export function withoutNode(file: ClusterFile, gone: string): ClusterFile {
  const nodes = file.nodes.flatMap((entry): readonly NodeEntry[] => {
    const ids = idsOf(entry);
    if (!ids.includes(gone)) return [entry];
    const { count: _, ...single } = entry;
    return ids.filter((id) => id !== gone).map((id) => ({ ...single, id }));
  });
  return withoutLinks({ ...file, nodes }, new Set([gone]));
}

function withoutLinks(file: ClusterFile, gone: ReadonlySet<string>): ClusterFile {
  const { links } = file.network;
  if (links === undefined) return file;
  const kept = links.filter(({ from, to }) => !gone.has(from) && !gone.has(to));
  return { ...file, network: { ...file.network, links: kept } };
}

/** The file with the last `count` nodes of that kind turned into machines of another type, ids and links kept. */
export function replaceNodes(
  file: ClusterFile,
  replaced: MachineCount,
  to: string,
  priceIn: PriceIn = () => undefined,
): ClusterFile {
  const turned = (entry: NodeEntry): NodeEntry =>
    entryAtPrice(file, { ...entry, machine: to }, priceIn(to, entry.region));
  const nodes = mapLast(file.nodes, replaced, (entry, taken) => {
    const ids = idsOf(entry);
    if (taken === ids.length) return [turned(entry)];
    const left = ids.length - taken;
    const { count: _, ...single } = entry;
    return [{ ...entry, count: left }, ...ids.slice(left).map((id) => turned({ ...single, id }))];
  });
  return { ...file, nodes };
}

/** Walks the matching entries from the end until `count` nodes were taken. */
function mapLast(
  entries: readonly NodeEntry[],
  { count, machine, region }: MachineCount,
  edit: (entry: NodeEntry, taken: number) => readonly NodeEntry[],
): NodeEntry[] {
  let left = count;
  return entries
    .toReversed()
    .map((entry) => {
      const taken = matches(entry, machine, region) ? Math.min(left, entry.count ?? 1) : 0;
      left -= taken;
      return taken === 0 ? [entry] : edit(entry, taken);
    })
    .toReversed()
    .flat();
}

function matches(entry: NodeEntry, machine: string, region: string | undefined): boolean {
  return entry.machine === machine && (region === undefined || entry.region === region);
}

function usualRegion(file: ClusterFile, machine: string): string | undefined {
  const counts = new Map<string | undefined, number>();
  for (const entry of file.nodes) {
    if (entry.machine !== machine) continue;
    counts.set(entry.region, (counts.get(entry.region) ?? 0) + (entry.count ?? 1));
  }
  const most = [...counts].sort((a, b) => b[1] - a[1])[0];
  return most === undefined ? file.coordinator?.region : most[0];
}

/** An id whose expansion meets no id of the file. */
function freeId(file: ClusterFile, wanted: string): string {
  const used = new Set([COORDINATOR_ID, ...file.nodes.map(({ id }) => id)]);
  const expanded = new Set(file.nodes.flatMap(idsOf));
  const taken = (id: string): boolean =>
    used.has(id) || expanded.has(id) || [...expanded].some((other) => other.startsWith(`${id}-`));
  let id = wanted;
  for (let number = 2; taken(id); number++) id = `${wanted}-more${number}`;
  return id;
}
