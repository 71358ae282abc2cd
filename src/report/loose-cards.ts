import type { Cluster } from "../core/cluster.js";
import { printable } from "../core/printable.js";

/** Most machines that are named. */
const MOST_NAMES = 4;

/**
 * The cards that are in no part of their machine and do nothing, in a line for people; none where every card is in
 * one. O(cards).
 */
export function describeLooseCards({ hosts = [], nodes }: Cluster): readonly string[] {
  const left = hosts.map(({ cards }) => new Set(Array.from({ length: cards }, (_, card) => card)));
  for (const { part } of nodes) {
    if (part === undefined) continue;
    for (let card = part.first; card < part.first + part.count; card++)
      left[part.host]!.delete(card);
  }
  const loose = hosts.flatMap(({ id }, host) => {
    const cards = [...left[host]!];
    return cards.length === 0 ? [] : [{ id, cards }];
  });
  if (loose.length === 0) return [];
  const count = loose.reduce((sum, { cards }) => sum + cards.length, 0);
  const named = loose
    .slice(0, MOST_NAMES)
    .map(({ id, cards }) => `${cards.join(", ")} of ${printable(id)}`);
  const rest = loose.length - named.length;
  const more = rest > 0 ? ` and ${rest} more machines` : "";
  const what =
    count === 1 ? "1 card is in no part and does" : `${count} cards are in no part and do`;
  return [`  ${what} nothing: ${named.join("; ")}${more}`];
}
