import type { ClusterFile, NodeEntry } from "../formats/cluster-schema.js";
import { readOptionalQuantity } from "../formats/read-quantity.js";

type Priced = Pick<ClusterFile, "machines">;

/** Dollars per hour of each machine of an entry: its own price, else that of its type; undefined where neither has one. */
export function priceOfEntry({ machines }: Priced, entry: NodeEntry): number | undefined {
  const type = Object.hasOwn(machines, entry.machine) ? machines[entry.machine] : undefined;
  return readOptionalQuantity("dollarsPerHour", entry.pricePerHour ?? type?.pricePerHour);
}

/** The entry at that price, named where its type has another; at the price of its type where none is given. */
export function entryAtPrice(file: Priced, given: NodeEntry, price: number | undefined): NodeEntry {
  const { pricePerHour: _, ...entry } = given;
  return price === undefined || priceOfEntry(file, entry) === price
    ? entry
    : { ...entry, pricePerHour: price };
}

/** Dollars per hour of all machines; undefined where one of them has no price. O(entries). */
export function priceOfFile(file: Priced & Pick<ClusterFile, "nodes">): number | undefined {
  let sum = 0;
  for (const entry of file.nodes) {
    const price = priceOfEntry(file, entry);
    if (price === undefined) return undefined;
    sum += (entry.count ?? 1) * price;
  }
  return sum;
}
