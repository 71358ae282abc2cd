import type { FileSource } from "../formats/file-source.js";
import { InputError } from "../core/errors.js";

/** A file of a browser, or a text that was pasted. */
export interface DroppedFile {
  readonly name: string;
  readonly content: Blob;
}

/** Files that were dropped together, as the readers of files know them. */
export function filesAsDropped(dropped: readonly DroppedFile[]): FileSource {
  const find = (path: string): Blob | undefined =>
    dropped.find(({ name }) => name === path)?.content;
  const need = (path: string): Blob => {
    const content = find(path);
    if (content !== undefined) return content;
    const names = dropped.map(({ name }) => name).join(", ");
    throw new InputError(path, [
      {
        path: "",
        found: `no such file among those dropped (${names})`,
        expected: "all files that belong together",
        remedy: `Drop ${path} with the others, at once.`,
      },
    ]);
  };
  return {
    readText: async (path) => need(path).text(),
    readPrefix: async (path, bytes) =>
      new Uint8Array(await need(path).slice(0, bytes).arrayBuffer()),
    readTextIfThere: async (path) => find(path)?.text(),
    sizeOf: async (path) => find(path)?.size,
    inside: (_, name) => name,
    beside: (_, name) => name.replace(/^.*[/\\]/, ""),
  };
}
