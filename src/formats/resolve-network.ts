import { COORDINATOR, COORDINATOR_ID, type Link, type Network } from "../core/cluster.js";
import type { LinkClassEntry } from "./cluster-schema.js";
import type { SalvagedNetwork } from "./salvaged-file.js";
import type { ProblemList } from "./problem-list.js";
import { readQuantity } from "./read-quantity.js";

export interface NetworkNames {
  /** Region name → index. */
  readonly regions: ReadonlyMap<string, number>;
  /** Node id → index. */
  readonly nodes: ReadonlyMap<string, number>;
  /** False when some node entries were unusable, so that unknown names prove nothing. */
  readonly complete: boolean;
}

type MutableClasses = (Link | undefined)[][];
type MutableExceptions = Map<number, Map<number, Link | undefined>>;

/**
 * Link classes per region pair and exceptions per link. The most specific entry wins: a link before
 * a region pair before within/across. Two entries for the same pair are a mistake, and said so.
 */
export function resolveNetwork(
  entry: SalvagedNetwork,
  names: NetworkNames,
  list: ProblemList,
): Network {
  const byRegion = defaultClasses(entry, names.regions.size);
  applyRegionPairs(entry.regions ?? [], byRegion, names, list);
  return { byRegion, exceptions: collectExceptions(entry.links ?? [], names, list) };
}

function readLink(entry: LinkClassEntry): Link | undefined {
  const bandwidthBytesPerSecond = readQuantity("bytesPerSecond", entry.bandwidth);
  const latencySeconds = readQuantity("seconds", entry.latency ?? 0);
  return bandwidthBytesPerSecond === 0 ? undefined : { bandwidthBytesPerSecond, latencySeconds };
}

function defaultClasses(entry: SalvagedNetwork, count: number): MutableClasses {
  const within = entry.withinRegion && readLink(entry.withinRegion);
  const across = entry.acrossRegions && readLink(entry.acrossRegions);
  return Array.from({ length: count }, (_, from) =>
    Array.from({ length: count }, (__, to) => (from === to ? within : across)),
  );
}

function applyRegionPairs(
  pairs: NonNullable<SalvagedNetwork["regions"]>,
  byRegion: MutableClasses,
  names: NetworkNames,
  list: ProblemList,
): void {
  const seen = new Map<string, number>();
  pairs.forEach((pair, index) => {
    if (pair === undefined) return;
    const path = `network.regions[${index}]`;
    const link = readLink(pair);
    const ends = pair.between.map((name, side) =>
      lookUp(name, names.regions, `${path}.between[${side}]`, "region", names.complete, list),
    );
    const [a, b] = ends;
    if (a === undefined || b === undefined) return;
    const key = `${Math.min(a, b)} ${Math.max(a, b)}`;
    reportRepeat(seen, key, index, path, "network.regions", list);
    byRegion[a]![b] = link;
    byRegion[b]![a] = link;
  });
}

function collectExceptions(
  links: NonNullable<SalvagedNetwork["links"]>,
  names: NetworkNames,
  list: ProblemList,
): MutableExceptions {
  const exceptions: MutableExceptions = new Map();
  const seen = new Map<string, number>();
  const nodes = new Map(names.nodes).set(COORDINATOR_ID, COORDINATOR);
  links.forEach((entry, index) => {
    if (entry === undefined) return;
    const path = `network.links[${index}]`;
    const link = readLink(entry);
    const from = lookUp(entry.from, nodes, `${path}.from`, "node", names.complete, list);
    const to = lookUp(entry.to, nodes, `${path}.to`, "node", names.complete, list);
    if (from === undefined || to === undefined) return;
    if (from === to) {
      list.add(path, `${entry.from} → ${entry.to}`, "two different ends", "Remove the link.");
      return;
    }
    const directions =
      entry.bidirectional === true
        ? [
            [from, to],
            [to, from],
          ]
        : [[from, to]];
    for (const [tail, head] of directions as [number, number][]) {
      reportRepeat(seen, `${tail} ${head}`, index, path, "network.links", list);
      let row = exceptions.get(tail);
      if (row === undefined) exceptions.set(tail, (row = new Map<number, Link | undefined>()));
      row.set(head, link);
    }
  });
  return exceptions;
}

function lookUp(
  name: string,
  known: ReadonlyMap<string, number>,
  path: string,
  what: string,
  complete: boolean,
  list: ProblemList,
): number | undefined {
  const index = known.get(name);
  if (index === undefined && complete) {
    const remedy = list.suggest(name, known.keys(), `Name a ${what} that exists.`);
    list.add(path, name, `the name of a ${what} of this cluster`, remedy);
  }
  return index;
}

function reportRepeat(
  seen: Map<string, number>,
  key: string,
  index: number,
  path: string,
  section: string,
  list: ProblemList,
): void {
  const earlier = seen.get(key);
  if (earlier === undefined) seen.set(key, index);
  else
    list.add(
      path,
      `the same pair as ${section}[${earlier}]`,
      "each direction of a link once",
      "Remove one of the two.",
    );
}
