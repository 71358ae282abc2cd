import type { SalvagedFile } from "./salvaged-file.js";

type Path = readonly PropertyKey[];

/** Sections whose entries stand for themselves. */
const ENTRY_SECTIONS: readonly unknown[] = ["machines", "gpus", "nodes", "coordinator"];

/**
 * The usable rest of a file whose structure is partly wrong: the entries that contain a broken path
 * are left out (`undefined` in lists and records), everything else stands as it was. Linear.
 * @param broken paths of the mistakes.
 */
export function salvage(json: unknown, broken: readonly Path[]): SalvagedFile {
  const spoilt = broken.map((path) => path.slice(0, 1 + depthOf(path)));
  return (isObject(json) && !Array.isArray(json) ? without(json, spoilt) : {}) as SalvagedFile;
}

/** How deep below its section the entry lies that stands or falls with a mistake. */
function depthOf([section, part]: Path): number {
  if (section === "network") return part === "links" || part === "regions" ? 2 : 1;
  return ENTRY_SECTIONS.includes(section) ? 1 : 0;
}

/** A copy in which `undefined` stands at every path given. */
function without(value: unknown, paths: readonly Path[]): unknown {
  if (paths.some((path) => path.length === 0) || !isObject(value)) return undefined;
  const inner = new Map<PropertyKey, Path[]>();
  for (const [key, ...rest] of paths) {
    const list = inner.get(key!);
    if (list === undefined) inner.set(key!, [rest]);
    else list.push(rest);
  }
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<
    PropertyKey,
    unknown
  >;
  for (const [key, rest] of inner) copy[key] = without(copy[key], rest);
  return copy;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
