import { InputError } from "../../core/errors.js";
import { parseCsv } from "../../formats/parse-csv.js";
import type { ImportFile, PlacementEntry } from "./placement-entries.js";

const OPTION = /--block_indices[ =]['"]?(\d+):(\d+)/;
const NODE = /^# helix-place blocks \d+:\d+ node (".*")$/m;

/**
 * Petals blocks (end exclusive): a list with a line `node,start:end` each, or exported launch
 * scripts.
 * @throws InputError where a line is neither.
 */
export function readBlocks(files: readonly ImportFile[]): readonly PlacementEntry[] {
  return files.flatMap(({ name: source, text }): readonly PlacementEntry[] => {
    const option = OPTION.exec(text);
    const comment = NODE.exec(text);
    if (option !== null && comment !== null) {
      const node = JSON.parse(comment[1]!) as string;
      return [{ source, path: "", node, layers: [Number(option[1]), Number(option[2])] }];
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
