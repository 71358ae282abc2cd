// Names out of paths, for labels: what a path means belongs to whoever reads files. Either kind of slash.

/** `…/Llama-3-70B/tiny.gguf` is tiny. */
export function stemOf(path: string): string {
  const [name, dot] = lastName(path);
  return dot > 0 ? name.slice(0, dot) : name;
}

/** `…/tiny.gguf` ends in `.gguf`, `.bashrc` in nothing. */
export function extensionOf(path: string): string {
  const [name, dot] = lastName(path);
  return dot > 0 ? name.slice(dot) : "";
}

/** The name of the folder that a file is in; empty where the path does not say it. */
export function folderNameOf(path: string): string {
  return partsOf(path).at(-2) ?? "";
}

function lastName(path: string): readonly [name: string, dot: number] {
  const name = partsOf(path).at(-1) ?? "";
  return [name, name.lastIndexOf(".")];
}

function partsOf(path: string): readonly string[] {
  return path.split(/[/\\]+/).filter((part) => part !== "");
}
