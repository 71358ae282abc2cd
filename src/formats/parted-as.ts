import type { Cluster } from "../core/cluster.js";
import { InputError, type Problem } from "../core/errors.js";
import { partId, withParts } from "../core/parting.js";
import type { PlacementFile } from "./placement-schema.js";

interface FilePart {
  readonly first: number;
  readonly count: number;
  readonly machine: number;
}

/**
 * The cluster with the parts of machines that a placement file names as its nodes; the same cluster where
 * machines are nodes, or the file names no cards.
 * @throws InputError when a machine does not have such a part, or two parts have a card in common.
 */
export function partedAs(source: string, cluster: Cluster, file: PlacementFile): Cluster {
  const { parting } = cluster;
  const entries = file.nodes.filter(({ cards }) => cards !== undefined);
  if (parting === undefined || entries.length === 0) return cluster;
  const problems: Problem[] = [];
  const parts = new Map<string, FilePart[]>();
  const taken = new Set<string>();
  const boxes = new Map(
    parting.boxes.flatMap((box) => (box.kind === "host" ? [[box.host.id, box] as const] : [])),
  );
  file.nodes.forEach(({ id, machine: name = "", cards = [] }, at) => {
    if (cards.length === 0) return;
    const [first, count] = [cards[0]!, cards.length];
    const row = boxes
      .get(name)
      ?.rows.find((each) => each.first <= first && first + count <= each.first + each.count);
    const machine = row?.degrees.get(count);
    const straight = cards.every((card, index) => card === first + index);
    const again = cards.some((card) => taken.has(`${name} ${card}`));
    if (machine === undefined || !straight || again || partId(name, first, count) !== id) {
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
  if (problems.length > 0) throw new InputError(source, problems);
  return withParts(cluster, (_, index) => {
    const box = parting.boxes[index]!;
    const own = box.kind === "host" ? (parts.get(box.host.id) ?? []) : [];
    return own.toSorted((a, b) => a.first - b.first);
  });
}
