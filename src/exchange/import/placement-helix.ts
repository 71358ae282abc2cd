import type { Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import type { ImportFile, PlacementEntry } from "./placement-entries.js";
import { parseCsv } from "../../formats/parse-csv.js";

const DEFAULT_OFFSET = 2;

/**
 * A Helix placement INI (`[Settings] offset`, `[Solution] compute_node_k=[layers]`). Names are
 * taken from a `nodes.csv` (columns name, node) where one is given; otherwise compute_node_k is the
 * node number k − offset of the cluster file. Empty lists are empty nodes.
 * @throws InputError where the INI is not one, or a list is not a run of layers.
 */
export function readHelixSolution(
  files: readonly ImportFile[],
  cluster: Cluster,
): readonly PlacementEntry[] {
  const tables = files.filter(({ name }) => name.toLowerCase().endsWith(".csv"));
  const names = new Map(tables.flatMap(({ text }) => readNames(text)));
  return files
    .filter((file) => !tables.includes(file))
    .flatMap((file) => readSolution(file, cluster, names));
}

function readSolution(
  { name: source, text }: ImportFile,
  cluster: Cluster,
  names: ReadonlyMap<string, string>,
): readonly PlacementEntry[] {
  let section = "";
  let offset = DEFAULT_OFFSET;
  const held: { readonly line: number; readonly name: string; readonly layers: string }[] = [];
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    const header = /^\[(.*)\]\s*$/.exec(line);
    if (header !== null) section = header[1]!;
    const match = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (header !== null || match === null) return;
    const [, key, value] = match;
    if (section === "Settings" && key === "offset") offset = Number(value);
    if (section === "Solution") held.push({ line: index + 1, name: key!, layers: value! });
  });
  return held.flatMap(({ line, name, layers }): readonly PlacementEntry[] => {
    const fail = (found: string, expected: string): never => {
      const remedy = "Check that this is a Helix solution file.";
      throw new InputError(source, [{ path: `line ${line}`, found, expected, remedy }]);
    };
    const list = /^\[\s*(\d+(?:\s*,\s*\d+)*)?\s*,?\s*\]$/.exec(layers);
    if (list === null) return fail(JSON.stringify(layers.slice(0, 40)), "a list of layers");
    if (list[1] === undefined) return [];
    const numbers = list[1]
      .split(",")
      .map(Number)
      .sort((a, b) => a - b);
    const start = numbers[0]!;
    if (numbers.some((number, index) => number !== start + index)) {
      return fail(`layers ${list[1]}`, "a run of layers without gaps");
    }
    const number = Number(/^compute_node_(\d+)$/.exec(name)?.[1] ?? NaN) - offset;
    const node = names.get(name) ?? cluster.nodes[number]?.id ?? name;
    return [{ source, path: `line ${line}`, node, layers: [start, start + numbers.length] }];
  });
}

function readNames(text: string): readonly (readonly [name: string, node: string])[] {
  const rows = parseCsv(text).map((cells) => cells.map((cell) => cell.text));
  const name = rows[0]?.indexOf("name") ?? -1;
  const node = rows[0]?.indexOf("node") ?? -1;
  return rows.slice(1).map((cells) => [cells[name] ?? "", cells[node] ?? ""]);
}
