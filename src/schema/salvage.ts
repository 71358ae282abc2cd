import type { SalvagedFile } from "./salvaged-file.js";

/**
 * The usable rest of a file whose structure is partly wrong: the entries that contain a broken path
 * are left out (`undefined` in lists and records), everything else stands as it was.
 * @param broken paths of the mistakes.
 */
export function salvage(json: unknown, broken: readonly (readonly PropertyKey[])[]): SalvagedFile {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return {};
  const copy: Record<string, unknown> = { ...json };
  for (const [section, entry, part] of broken) {
    if (typeof section !== "string") continue; // an unknown key at the top spoils nothing else
    const value = copy[section];
    if (entry === undefined || typeof value !== "object" || value === null) {
      delete copy[section];
    } else if (section === "machines" || section === "gpus" || section === "nodes") {
      copy[section] = without(value, entry);
    } else if (section === "network" && typeof entry === "string") {
      const inner = (value as Record<string, unknown>)[entry];
      const rest = Array.isArray(inner) && part !== undefined ? without(inner, part) : undefined;
      copy[section] = { ...value, [entry]: rest };
    } else {
      delete copy[section];
    }
  }
  return copy as SalvagedFile;
}

function without(value: object, key: PropertyKey): unknown {
  if (!Array.isArray(value)) return { ...value, [key]: undefined };
  return value.map((entry: unknown, index) => (index === key ? undefined : entry));
}
