import { ESTIMATED, summarizeNotes } from "../core/estimate-notes.js";
import type { Assumption } from "../core/model.js";
import { printable } from "../core/printable.js";

/** What figures rest on, as lines: the estimated machine types in one, other assumptions each in its own. */
export function describeCaveats(assumptions: readonly Assumption[]): readonly string[] {
  const estimated = summarizeNotes(assumptions.filter(({ what }) => what === ESTIMATED));
  const others = assumptions.filter(({ what }) => what !== ESTIMATED);
  return [
    ...(estimated === undefined ? [] : [printable(estimated)]),
    ...others.map(describeAssumption),
  ];
}

/** Each assumption of several results once, in order. */
export function joinCaveats(
  results: readonly { readonly assumptions?: readonly Assumption[] }[],
): readonly Assumption[] {
  const known = new Map<string, Assumption>();
  for (const each of results.flatMap(({ assumptions = [] }) => assumptions))
    known.set(`${each.what} ${each.where} ${each.effect}`, each);
  return [...known.values()];
}

/** An assumption as one line. */
export function describeAssumption({ what, effect }: Assumption): string {
  return `assumed: ${printable(what)}: ${printable(effect)}`;
}
