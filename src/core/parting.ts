import { COORDINATOR, type Cluster, type ClusterNode, type Host, type Link } from "./cluster.js";

/** Cards of one kind in a machine, next to each other, and the machine types that so many of them make. */
export interface CardRow {
  readonly first: number;
  readonly count: number;
  /** Degree of tensor parallelism → index into `Cluster.machines`. Degrees ascending; never empty. */
  readonly degrees: ReadonlyMap<number, number>;
}

/** A machine of the file: a node of its own, or one whose cards are shared out. */
export type Box =
  | { readonly kind: "node"; readonly node: ClusterNode }
  | { readonly kind: "host"; readonly host: Host; readonly rows: readonly CardRow[] };

/** What can be chosen of how cards work together, and what does not depend on the choice. */
export interface Parting {
  /** The machines in the file's order. */
  readonly boxes: readonly Box[];
  /** Links of their own between machines, by index into `boxes` and `COORDINATOR`. */
  readonly exceptions: ReadonlyMap<number, ReadonlyMap<number, Link | undefined>>;
}

/** Degrees of the parts of one row of cards; their sum is at most the cards of the row. */
export type RowPartition = readonly number[];

/** For every box the partitions of its rows; empty for a node. */
export type Partition = readonly (readonly RowPartition[])[];

/**
 * The id of a part: `dgx-0/0-3`, or `dgx-0/4` for a single card. All cards of a machine as one are the machine,
 * and have its name.
 */
export function partId(
  { id, cards }: Pick<Host, "id" | "cards">,
  { first, count }: { readonly first: number; readonly count: number },
): string {
  if (count === cards) return id;
  return `${id}/${first}${count === 1 ? "" : `-${first + count - 1}`}`;
}

/**
 * The cluster whose nodes are the parts that the partition says: the largest first, one behind the
 * other, so that any degrees whose sum is within the row have their cards. O(nodes + links of their own).
 */
export function partCluster(cluster: Cluster, partition: Partition): Cluster {
  return withParts(cluster, (rows, box) =>
    rows.flatMap((row, index) => packRow(row, partition[box]![index]!)),
  );
}

interface Place {
  readonly first: number;
  readonly count: number;
  readonly machine: number;
}

/** The parts of one row, the largest first, one behind the other. */
export function packRow(row: CardRow, degrees: RowPartition): readonly Place[] {
  let first = row.first;
  return degrees
    .toSorted((a, b) => b - a)
    .map((degree) => {
      const part = { first, count: degree, machine: row.degrees.get(degree)! };
      first += degree;
      return part;
    });
}

/** The cluster with these parts as nodes, whether or not they go together. */
export function withParts(
  cluster: Cluster,
  listParts: (rows: readonly CardRow[], box: number) => readonly Place[],
): Cluster {
  const { parting } = cluster;
  if (parting === undefined) return cluster;
  const nodes: ClusterNode[] = [];
  const hosts: Host[] = [];
  const inBox = parting.boxes.map((box, index): readonly number[] => {
    if (box.kind === "node") return [nodes.push(box.node) - 1];
    const host = hosts.push(box.host) - 1;
    return listParts(box.rows, index).map(({ first, count, machine }) => {
      const id = partId(box.host, { first, count });
      const { region } = box.host;
      return nodes.push({ id, machine, region, part: { host, first, count } }) - 1;
    });
  });
  return {
    ...cluster,
    nodes,
    hosts,
    network: { ...cluster.network, exceptions: spread(parting.exceptions, inBox) },
  };
}

/** Links between machines are links between all their parts. */
function spread(
  exceptions: Parting["exceptions"],
  inBox: readonly (readonly number[])[],
): Cluster["network"]["exceptions"] {
  const nodesOf = (box: number): readonly number[] =>
    box === COORDINATOR ? [COORDINATOR] : inBox[box]!;
  return new Map(
    [...exceptions].flatMap(([from, row]) =>
      nodesOf(from).map((node) => {
        const heads = [...row].flatMap(([to, link]) =>
          nodesOf(to).map((head) => [head, link] as const),
        );
        return [node, new Map(heads)] as const;
      }),
    ),
  );
}

/** The machines of the file, in its order: of a cluster without parts its nodes. */
export function boxesOf({ parting, nodes }: Pick<Cluster, "parting" | "nodes">): readonly Box[] {
  return parting?.boxes ?? nodes.map((node) => ({ kind: "node", node }));
}

/**
 * The cluster with these of its machines, by index into {@link boxesOf}, parted as they are. Links of their own
 * stay those of the indices as they become. O(nodes + links of their own).
 */
export function withMachines(cluster: Cluster, machines: readonly number[]): Cluster {
  const { parting, nodes } = cluster;
  if (parting === undefined)
    return { ...cluster, nodes: machines.map((machine) => nodes[machine]!) };
  const now = partitionOf(cluster);
  const boxes = machines.map((machine) => parting.boxes[machine]!);
  return partCluster(
    { ...cluster, parting: { ...parting, boxes } },
    machines.map((machine) => now[machine]!),
  );
}

/** The partition that the nodes of a parted cluster are. */
export function partitionOf(cluster: Cluster): Partition {
  const { parting } = cluster;
  if (parting === undefined) return [];
  const counts = (cluster.hosts ?? []).map((): { first: number; count: number }[] => []);
  for (const { part } of cluster.nodes) if (part !== undefined) counts[part.host]!.push(part);
  let host = 0;
  return parting.boxes.map((box) => {
    if (box.kind === "node") return [];
    const own = counts[host++]!;
    return box.rows.map((row) =>
      own
        .filter(({ first }) => first >= row.first && first < row.first + row.count)
        .map(({ count }) => count),
    );
  });
}

/**
 * The cluster with the parts that these ids name (`dgx-0/0-3`, or `dgx-0` for all its cards as one), beside them
 * parts as large as fit; machines of which none is named stay as they are. Ids that name no part that could be
 * are left out.
 */
export function withNamedParts(cluster: Cluster, ids: readonly string[]): Cluster {
  if (cluster.parting === undefined) return cluster;
  const now = partitionOf(cluster);
  return withParts(cluster, (rows, index) => {
    const box = cluster.parting!.boxes[index]!;
    if (box.kind === "node") return [];
    const taken = new Set<number>();
    return rows.flatMap((row, at) => {
      const places = [...row.degrees].flatMap(([count, machine]) =>
        Array.from({ length: row.count - count + 1 }, (_, offset) => ({
          first: row.first + offset,
          count,
          machine,
        })),
      );
      const cardsOf = ({ first, count }: { first: number; count: number }): number[] =>
        Array.from({ length: count }, (_, card) => first + card);
      const named = places.filter((place) => ids.includes(partId(box.host, place)));
      const current = packRow(row, now[index]![at]!);
      const chosen: Place[] = [];
      const others = named.length === 0 ? current : places.toSorted((a, b) => b.count - a.count);
      for (const place of [...named, ...others]) {
        if (cardsOf(place).some((card) => taken.has(card))) continue;
        for (const card of cardsOf(place)) taken.add(card);
        chosen.push(place);
      }
      return chosen.toSorted((a, b) => a.first - b.first);
    });
  });
}

/**
 * As many parts of the degree as a row has cards for, and what is left in parts as large as still fit:
 * 7 cards by 4 are 4, 2 and 1 where 2 and 1 are legal.
 */
export function fillRow(row: CardRow, degree: number): RowPartition {
  const parts: number[] = [];
  let left = row.count;
  const most = [...row.degrees.keys()].filter((each) => each <= degree).sort((a, b) => b - a);
  for (const each of most.length > 0 ? most : [[...row.degrees.keys()][0]!])
    for (; left >= each; left -= each) parts.push(each);
  return parts;
}

/** Every machine in parts of this degree, or of the largest below it that it can have. */
export function uniformPartition({ boxes }: Parting, degree: number): Partition {
  return boxes.map((box) =>
    box.kind === "node" ? [] : box.rows.map((row) => fillRow(row, degree)),
  );
}

/** All degrees that some machine can have, ascending. */
export function listDegrees({ boxes }: Parting): readonly number[] {
  const degrees = boxes.flatMap((box) =>
    box.kind === "node" ? [] : box.rows.flatMap((row) => [...row.degrees.keys()]),
  );
  return [...new Set(degrees)].sort((a, b) => a - b);
}

/** How entries of a solve's log begin that say what the cards shared out in one way serve. */
export const CARDS_AS = "cards as ";

/** "cards as 16 dgx/tp4, 2 v100/tp4": the nodes of a cluster by kind, whole machines among them. */
export function describeCards({ machines, nodes }: Cluster): string {
  const counts = new Map<string, number>();
  for (const { machine } of nodes)
    counts.set(machines[machine]!.name, (counts.get(machines[machine]!.name) ?? 0) + 1);
  return `${CARDS_AS}${[...counts].map(([name, count]) => `${count} ${name}`).join(", ")}`;
}
