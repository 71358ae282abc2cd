import type { RowSpec } from "../../math/lp/model-builder.js";
import type { RegionColumn, RegionSet } from "./region-rows.js";

/** Layers in a row that two regions or more compute, and which one computes all of the layer before them and of that behind; undefined: none, or not known. */
export interface MixedRun {
  readonly from: number;
  readonly to: number;
  readonly before: RegionSet | undefined;
  readonly after: RegionSet | undefined;
}

export interface MixedFacts {
  readonly columns: readonly RegionColumn[];
  /** By column its region, as a set. */
  readonly bits: readonly RegionSet[];
  /** Of the floor, by which solvers may be wrong. */
  readonly slack: number;
  /** The most that a link carries from one of these regions to one of those, of the floor, and the nodes at its ends. */
  readonly linkBetween: (
    from: RegionSet,
    to: RegionSet,
  ) => { readonly link: number; readonly ending: number; readonly holding: number };
  /** All regions. */
  readonly all: RegionSet;
}

/** Layers of a run, from its borders, for which there are rows. */
const NEAR_BORDER = 8;

/**
 * What several regions compute between layers of one region each crossed between them: what of a layer the region before does not compute has
 * left it at one of the borders up to there, by nodes of it that end, and what the region behind does not compute comes to it by nodes of others that
 * end behind. Of E that end and N that hold what follows, at most link · E · N crosses, which is at most link · (E + N − 1) times a number.
 * Without these rows a layer of two regions would be a way from one to the other that costs next to nothing.
 * @returns undefined where no link leads there.
 */
export function listMixedRows(run: MixedRun, facts: MixedFacts): readonly RowSpec[] | undefined {
  const { from, to, before, after } = run;
  const { all } = facts;
  const rows: RowSpec[] = [];
  const whole = before !== undefined && after !== undefined && before !== after;
  if (whole)
    for (const [sending, taking] of [
      [before, all & ~before],
      [all & ~after, after],
    ] as const) {
      const { link, ending, holding } = facts.linkBetween(sending, taking);
      const least = fewestLinks(link, ending, holding);
      if (least === undefined) return undefined;
      rows.push(...leastCrossing(sending, taking, least, run, facts));
    }
  if (before !== undefined) {
    const out = listCrossings(before, all & ~before, facts);
    if (out === undefined) return undefined;
    for (let layer = from; layer < Math.min(to, from + NEAR_BORDER); layer++)
      rows.push(...out(before, layer, [from, layer]));
    if (whole) rows.push(...out(0, to, [from, to]));
  }
  if (after !== undefined) {
    const into = listCrossings(all & ~after, after, facts);
    if (into === undefined) return undefined;
    for (let layer = Math.max(from, to - NEAR_BORDER); layer < to; layer++)
      rows.push(...into(after, layer, [layer + 1, to]));
    if (whole) rows.push(...into(0, to, [from, to]));
  }
  return rows;
}

/** Of what ends at the borders of a run and of what holds a layer behind one: the fewest by which all crosses. */
function leastCrossing(
  sending: RegionSet,
  taking: RegionSet,
  least: FewestLinks,
  { from, to }: MixedRun,
  { columns, bits }: MixedFacts,
): readonly RowSpec[] {
  const [out, into]: [number[], number[]] = [[], []];
  columns.forEach(({ interval: [start, end] }, column) => {
    if ((bits[column]! & sending) > 0 && from <= end && end <= to) out.push(column);
    if ((bits[column]! & taking) > 0 && start <= to && from < end) into.push(column);
  });
  const atLeast = (lower: number, at: readonly number[]): RowSpec => {
    return { lower, upper: Infinity, entries: [at, at.map(() => 1)] };
  };
  return [
    atLeast(least.ending, out),
    atLeast(least.holding, into),
    atLeast(least.both, [...out, ...into]),
  ];
}

/** Rows for what of a layer some regions do not compute: it crosses at one of the borders. */
type Crossings = (
  computing: RegionSet,
  layer: number,
  borders: readonly [first: number, last: number],
) => readonly RowSpec[];

function listCrossings(
  sending: RegionSet,
  taking: RegionSet,
  { columns, bits, slack, linkBetween }: MixedFacts,
): Crossings | undefined {
  const { ending, holding, ...best } = linkBetween(sending, taking);
  const link = Math.min(1, best.link);
  if (!(link > 0)) return undefined;
  const worth = link * bestOfEach(link, ending, holding);
  return (computing, layer, [first, last]) => {
    const [at, shares, counts]: [number[], number[], number[]] = [[], [], []];
    columns.forEach(({ interval: [start, end], share }, column) => {
      const own = bits[column]!;
      const computes = own & computing && start <= layer && layer < end ? share : 0;
      const ends = (own & sending) > 0 && first <= end && end <= last;
      const takes = (own & taking) > 0 && start <= last && first < end;
      if (computes === 0 && !ends && !takes) return;
      at.push(column);
      shares.push(computes + (ends ? Math.min(share, link * holding) : 0));
      counts.push(computes + (ends ? worth : 0) + (takes ? worth : 0));
    });
    return [
      { lower: 1 - slack, upper: Infinity, entries: [at, shares] },
      { lower: 1 - slack + worth, upper: Infinity, entries: [at, counts] },
    ];
  };
}

/** The most that E · N links carry of the floor for each of E + N − 1, in links. */
function bestOfEach(link: number, ending: number, holding: number): number {
  let best = 0;
  for (let E = 1; E <= ending; E++)
    for (let N = 1; N <= holding; N++)
      best = Math.max(best, Math.min(1 / link, E * N) / (E + N - 1));
  return best;
}

interface FewestLinks {
  readonly ending: number;
  readonly holding: number;
  readonly both: number;
}

/** The fewest nodes that end, that hold what follows, and of both together, by which links of that share of the floor carry it. */
export function fewestLinks(
  link: number,
  mostEnding: number,
  mostHolding: number,
): FewestLinks | undefined {
  let [ending, holding, both] = [Infinity, Infinity, Infinity];
  for (let E = 1; E <= mostEnding; E++) {
    for (let N = 1; N <= mostHolding; N++) {
      if (link * E * N < 1) continue;
      [ending, holding, both] = [Math.min(ending, E), Math.min(holding, N), Math.min(both, E + N)];
    }
  }
  return both < Infinity ? { ending, holding, both } : undefined;
}
