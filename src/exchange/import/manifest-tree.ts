import { findNodeAtLocation, parseTree } from "jsonc-parser";
import type { Node as JsonNode } from "jsonc-parser";
import { isNode, LineCounter, parseDocument } from "yaml";
import { InputError } from "../../core/errors.js";
import { parseJson } from "../../formats/parse-json.js";
import type { Place } from "./import-outcome.js";

export type TreePath = readonly (string | number)[];

/** A JSON or YAML text as plain values, with the place of each of them. */
export interface ManifestTree {
  readonly value: unknown;
  /** Line and column of the deepest part of a path that the text has. */
  place(path: TreePath): Place;
}

const MOST_ALIASES = 100;

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
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new InputError(source, [
      {
        path: `line ${line}, column ${col}`,
        found: error.message.split("\n")[0]!,
        expected: "JSON or YAML",
        remedy: "Run kubectl get nodes -o json.",
      },
    ]);
  }
  return {
    value: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown,
    place(path) {
      const found = deepest(path, (part) => {
        const node = document.getIn(part, true);
        return isNode(node) ? node : undefined;
      });
      const { line, col } = lineCounter.linePos(found?.range?.[0] ?? 0);
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
