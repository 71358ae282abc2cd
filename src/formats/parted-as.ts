import type { Cluster } from "../core/cluster.js";
import { InputError, type Problem } from "../core/errors.js";
import { packRow, partId, partitionOf, withParts, type CardRow } from "../core/parting.js";
import { withoutDrained } from "../core/estimate-notes.js";
import type { PlacementFile } from "./placement-schema.js";

interface FilePart {
  readonly first: number;
  readonly count: number;
  readonly machine: number;
}

/**
 * The cluster with the parts of machines that a placement file names as its nodes. A machine named by its own id
 * is all its cards as one; one that the file does not name stays as it is, or is parted as the first of its kind
 * that the file names. The same cluster where machines are nodes. Nothing is assumed of machines that stay empty.
 * @throws InputError when a machine does not have such a part, or two parts have a card in common.
 */
export function partedAs(source: string, cluster: Cluster, file: PlacementFile): Cluster {
  const { problems, parted } = partBy(cluster, file);
  if (problems.length > 0) throw new InputError(source, problems);
  return withoutDrained(parted(), file.constraints?.drain ?? []);
}

/**
 * The same for a placement to start from, as far as machines have such parts: one that has other cards by now is none of those the file
 * names, whatever it is called.
 */
export function partedAsFar(cluster: Cluster, file: PlacementFile): Cluster {
  return partBy(cluster, file).parted();
}

function partBy(
  cluster: Cluster,
  file: PlacementFile,
): { readonly problems: readonly Problem[]; readonly parted: () => Cluster } {
  const { parting } = cluster;
  if (parting === undefined) return { problems: [], parted: () => cluster };
  const problems: Problem[] = [];
  const parts = new Map<string, FilePart[]>();
  const taken = new Set<string>();
  const boxes = new Map(
    parting.boxes.flatMap((box) => (box.kind === "host" ? [[box.host.id, box] as const] : [])),
  );
  file.nodes.forEach(({ id, machine: named, cards: listed }, at) => {
    const name = named ?? id;
    // Files of machines that were nodes do not name cards.
    const all = named === undefined ? (boxes.get(name)?.host.cards ?? 0) : 0;
    const cards = listed ?? Array.from({ length: all }, (_, card) => card);
    if (cards.length === 0) return;
    const [first, count] = [cards[0]!, cards.length];
    const box = boxes.get(name);
    // Where nothing runs any more is for those to say who need it to.
    if (box === undefined) return;
    const row = box.rows.find(
      (each) => each.first <= first && first + count <= each.first + each.count,
    );
    const machine = row?.degrees.get(count);
    const straight = cards.every((card, index) => card === first + index);
    const again = cards.some((card) => taken.has(`${name} ${card}`));
    if (machine === undefined || !straight || again || partId(box.host, { first, count }) !== id) {
      problems.push({
        path: `nodes[${at}].cards`,
        found: `cards ${cards.join(", ")} of "${name}"${again ? ", some of them twice" : ""}`,
        expected: `a part that "${name}" can have beside the others, by the name of its cards`,
        remedy: "Give the cluster file that the placement was made for, or plan again.",
      });
      return;
    }
    for (const card of cards) taken.add(`${name} ${card}`);
    parts.set(name, [...(parts.get(name) ?? []), { first, count, machine }]);
  });
  const now = partitionOf(cluster);
  const alike = new Map<string, readonly FilePart[]>();
  const kindOf = (rows: readonly CardRow[]): string =>
    JSON.stringify(rows.map(({ count, degrees }) => [count, ...degrees]));
  for (const box of boxes.values()) {
    const own = parts.get(box.host.id);
    if (own !== undefined && !alike.has(kindOf(box.rows))) alike.set(kindOf(box.rows), own);
  }
  const parted = (): Cluster =>
    withParts(cluster, (rows, index) => {
      const box = parting.boxes[index]!;
      const id = box.kind === "host" ? box.host.id : "";
      const own =
        parts.get(id) ??
        alike.get(kindOf(rows)) ??
        rows.flatMap((row, at) => packRow(row, now[index]![at]!));
      return own.toSorted((a, b) => a.first - b.first);
    });
  return { problems, parted };
}
