import { findNodeAtLocation, parseTree } from "jsonc-parser";
import type { Node as JsonNode } from "jsonc-parser";
import { isNode, LineCounter } from "yaml";
import { InputError } from "../../core/errors.js";
import { parseJson } from "../../formats/parse-json.js";
import { parseYaml } from "./parse-yaml.js";
import type { Place } from "./import-outcome.js";

export type TreePath = readonly (string | number)[];

/** A JSON or YAML text as plain values, with the place of each of them. */
export interface ManifestTree {
  readonly value: unknown;
  /** Line and column of the deepest part of a path that the text has. */
  place(path: TreePath): Place;
}

/**
 * What kubectl prints with -o json or -o yaml. Linear in the text.
 * @throws InputError when it is neither, with line and column.
 */
export function readManifest(source: string, text: string): ManifestTree {
  return /^\uFEFF?\s*[[{]/.test(text) ? readJson(source, text) : readYaml(source, text);
}

function readJson(source: string, text: string): ManifestTree {
  const value = parseJson(source, text);
  let tree: JsonNode | undefined;
  return {
    value,
    place(path) {
      tree ??= parseTree(text);
      const root = tree;
      const found = deepest(path, (part) =>
        root === undefined ? undefined : findNodeAtLocation(root, [...part]),
      );
      const before = text.slice(0, found?.offset ?? 0).split("\n");
      return { line: before.length, column: before[before.length - 1]!.length + 1 };
    },
  };
}

function readYaml(source: string, text: string): ManifestTree {
  const lines = new LineCounter();
  const remedy = "Run kubectl get nodes -o json.";
  const [first, second] = parseYaml(source, text, { lines, remedy });
  if (second !== undefined) {
    const { line, col } = lines.linePos(second.document.range?.[0] ?? 0);
    const path = `line ${line}, column ${col}`;
    const found = "a second document";
    throw new InputError(source, [{ path, found, expected: "one list of nodes", remedy }]);
  }
  if (first === undefined) return { value: null, place: () => ({ line: 1, column: 1 }) };
  const { document, value } = first;
  return {
    value,
    place(path) {
      const found = deepest(path, (part) => {
        const node = document.getIn(part, true);
        return isNode(node) ? node : undefined;
      });
      const { line, col } = lines.linePos(found?.range?.[0] ?? 0);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    },
  };
}

function deepest<T>(path: TreePath, find: (part: TreePath) => T | undefined): T | undefined {
  for (let length = path.length; length >= 0; length--) {
    const found = find(path.slice(0, length));
    if (found !== undefined) return found;
  }
  return undefined;
}
