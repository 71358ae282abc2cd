/** Longest name: leaves room for a suffix within the 63 characters of a Kubernetes label. */
const LONGEST = 48;

/**
 * File names (and Kubernetes labels) for ids of any kind: lower-case ASCII letters, digits and
 * hyphens, all different, in the order given.
 */
export function nameFiles(ids: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return ids.map((id) => {
    const plain = id
      .toLowerCase()
      // Cards of a machine: dgx-0/0-3 is dgx-0-g0-3.
      .replace(/\/(\d+(?:-\d+)?)$/, "-g$1")
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, LONGEST)
      .replace(/^-+|-+$/g, "");
    const base = plain === "" ? "node" : plain;
    let name = base;
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
    taken.add(name);
    return name;
  });
}
