import { InputError } from "../../core/errors.js";
import { optionValue, readWords } from "./launch-words.js";
import { parseCsv } from "../../formats/parse-csv.js";
import type { ImportFile, PlacementEntry } from "./placement-entries.js";

const NODE = /^# helix-place blocks \d+:\d+ node (".*")$/m;

/**
 * Blocks of Petals and layers of Parallax (ends exclusive): a list with a line `node,start:end` each, or
 * launch scripts, whose nodes stand in their comments or, in the order of the files, in `nodes`.
 * @throws InputError where a line is neither.
 */
export function readBlocks(
  files: readonly ImportFile[],
  nodes: readonly string[],
): readonly PlacementEntry[] {
  // A scheduler beside the nodes holds nothing.
  const holding = files.filter(({ text }) => !/^exec parallax run /m.test(text));
  return holding.flatMap(({ name: source, text }, index): readonly PlacementEntry[] => {
    const layers = readOption(text);
    const comment = NODE.exec(text);
    const node = comment === null ? nodes[index] : (JSON.parse(comment[1]!) as string);
    if (layers !== undefined && node !== undefined) return [{ source, path: "", node, layers }];
    if (layers !== undefined) {
      const remedy = "Name the nodes in the order of the files: --nodes a,b,c.";
      throw new InputError(source, [
        { path: "", found: "no node for these layers", expected: "which node it is", remedy },
      ]);
    }
    return parseCsv(text).flatMap((cells): readonly PlacementEntry[] => {
      const { line, text: node } = cells[0]!;
      const match = /^(\d+):(\d+)$/.exec(cells[1]?.text ?? "");
      if (match === null) {
        if (line === 1 && node === "node") return [];
        const found = JSON.stringify(
          cells
            .map((cell) => cell.text)
            .join(",")
            .slice(0, 60),
        );
        const remedy = "One line per server, such as a100-0,0:18 (end exclusive).";
        throw new InputError(source, [
          { path: `line ${line}`, found, expected: "node,start:end", remedy },
        ]);
      }
      const layers = [Number(match[1]), Number(match[2])] as const;
      return [{ source, path: `line ${line}`, node, layers }];
    });
  });
}

/** `--block_indices 0:18`, or `--start-layer 0 --end-layer 18`. */
function readOption(text: string): readonly [start: number, end: number] | undefined {
  const words = readWords(text);
  const match = /^(\d+):(\d+)$/.exec(optionValue(words, "--block_indices") ?? "");
  if (match !== null) return [Number(match[1]), Number(match[2])];
  const start = optionValue(words, "--start-layer");
  const end = optionValue(words, "--end-layer");
  return start === undefined || end === undefined ? undefined : [Number(start), Number(end)];
}
