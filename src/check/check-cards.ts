import type { Cluster } from "../core/cluster.js";
import { withParts, type Parting } from "../core/parting.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { Fail } from "./failure.js";

type NodeEntry = PlacementFile["nodes"][number];
type SharedBox = Extract<Parting["boxes"][number], { kind: "host" }>;

/** A part as the file has it. */
interface ClaimedPart {
  readonly first: number;
  readonly count: number;
  readonly machine: number;
}

/**
 * Which cards work together: every part names a machine that has its cards, of one kind, next to each
 * other, in a number that may work as one; no card is in two parts; the id says the cards.
 * @returns the cluster with these parts as its nodes; undefined where they cannot be told.
 */
export function checkCards(cluster: Cluster, file: PlacementFile, fail: Fail): Cluster | undefined {
  const boxes = new Map<string, SharedBox>();
  for (const box of cluster.parting?.boxes ?? [])
    if (box.kind === "host") boxes.set(box.host.id, box);
  const parts = new Map([...boxes.keys()].map((id): [string, ClaimedPart[]] => [id, []]));
  const usedBy = new Map<string, string>();
  let told = true;
  file.nodes.forEach((entry, position) => {
    const path = `nodes[${position}]`;
    const { machine = entry.id } = entry;
    if (entry.machine === undefined && entry.cards === undefined && !boxes.has(machine)) return;
    const box = boxes.get(machine);
    // A machine by its own name alone is all its cards as one.
    const all = entry.machine === undefined ? (box?.host.cards ?? 0) : 0;
    const cards = entry.cards ?? Array.from({ length: all }, (_, card) => card);
    const part = box && readPart(box, { ...entry, cards }, path, fail);
    if (box === undefined)
      fail(`${path}.machine`, `the cluster has no machine "${machine}" to share out`);
    if (part === undefined) {
      told = false;
      return;
    }
    for (const card of cards) {
      const key = `card ${card} of "${machine}"`;
      const other = usedBy.get(key);
      if (other !== undefined) fail(`${path}.cards`, `${key} is in "${other}" already`);
      usedBy.set(key, entry.id);
    }
    parts.get(machine)!.push(part);
  });
  if (!told) return undefined;
  for (const own of parts.values()) own.sort((a, b) => a.first - b.first || b.count - a.count);
  const { parting } = cluster;
  return withParts(cluster, (_, index) => {
    const box = parting!.boxes[index]!;
    return box.kind === "host" ? parts.get(box.host.id)! : [];
  });
}

function nameOf({ id, cards }: SharedBox["host"], first: number, last: number): string {
  if (last - first + 1 === cards) return id;
  return `${id}/${first === last ? first : `${first}-${last}`}`;
}

function readPart(
  { host, rows }: SharedBox,
  { id, cards = [] }: NodeEntry,
  path: string,
  fail: Fail,
): ClaimedPart | undefined {
  const count = cards.length;
  const first = cards[0] ?? -1;
  const last = cards.at(-1) ?? -1;
  const outside = cards.find((card) => card >= host.cards);
  const row = rows.find((each) => each.first <= first && last < each.first + each.count);
  const machine = row?.degrees.get(count);
  if (count === 0) fail(`${path}.cards`, `"${id}" names no cards of "${host.id}"`);
  else if (outside !== undefined)
    fail(`${path}.cards`, `"${host.id}" has ${host.cards} cards, and none is number ${outside}`);
  else if (cards.some((card, index) => card !== first + index))
    fail(`${path}.cards`, `${cards.join(", ")} are not next to each other`);
  else if (row === undefined)
    fail(`${path}.cards`, `cards ${first} to ${last} of "${host.id}" are of unlike kinds`);
  else if (machine === undefined)
    fail(
      `${path}.cards`,
      `${count} cards may not work as one here: ${[...row.degrees.keys()].join(", ")} may`,
    );
  else if (id !== nameOf(host, first, last))
    fail(`${path}.id`, `"${id}" is not what cards ${first} to ${last} of "${host.id}" are called`);
  else return { first, count, machine };
  return undefined;
}
