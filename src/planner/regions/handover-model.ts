import { linkBetween, machineOf, type Cluster } from "../../core/cluster.js";
import type { RegionMap } from "../graph/region-detection.js";
import { groupByRegion, type RegionClass } from "../problem/machine-classes.js";

/** What the handover bound sees of a cluster. Valid for any partition of the nodes into regions. */
export interface HandoverModel {
  readonly layers: number;
  readonly regionCount: number;
  readonly classes: readonly RegionClass[];
  /** `links[from][to]`: tokens/s of the best link from a node of one region to another node of the other (or the same). */
  readonly links: readonly Float64Array[];
}

/** O(nodes²). */
export function describeHandovers(
  cluster: Cluster,
  regions: Pick<RegionMap, "count" | "regionOf">,
  drained: ReadonlySet<number>,
): HandoverModel {
  const { layers, activationBytes } = cluster.model;
  const links = Array.from({ length: regions.count }, () => new Float64Array(regions.count));
  const nics = cluster.nodes.map((_, node) => machineOf(cluster, node).nicBytesPerSecond);
  cluster.nodes.forEach((_, from) =>
    cluster.nodes.forEach((__, to) => {
      if (from === to || drained.has(from) || drained.has(to)) return;
      const width = linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0;
      const carried = Math.min(width, nics[from]!, nics[to]!) / activationBytes;
      const row = links[regions.regionOf[from]!]!;
      const head = regions.regionOf[to]!;
      row[head] = Math.max(row[head]!, carried);
    }),
  );
  return {
    layers,
    regionCount: regions.count,
    classes: groupByRegion(cluster, regions, drained),
    links,
  };
}

/**
 * Flows out of a node of one region in levels of equal width: a node that passes more than `width` · (level − 1) can only end where
 * the nodes over the next layer take so much of it.
 */
export interface SenderLevels {
  readonly width: number;
  /** Levels told apart, from 1; the last one stands for all above. 1: nothing binds. */
  readonly count: number;
  /** Per region: levels that one of its nodes takes, rounded up. */
  readonly taken: Int32Array;
}

/** Levels per node that the best link reaches, and levels at most. */
const LEVELS_PER_LINK = 4;
const MOST_LEVELS = 40;

/** The levels of every region's nodes at a flow. */
export function listSenderLevels(model: HandoverModel, flow: number): readonly SenderLevels[] {
  return model.links.map((row, region) => {
    const most = model.classes.reduce(
      (best, own) => (own.region === region ? Math.max(best, own.options[0]!.rate) : best),
      0,
    );
    const passed = Math.min(flow, most);
    const best = row.reduce((widest, link) => Math.max(widest, link), 0);
    if (best >= passed) return { width: flow, count: 1, taken: new Int32Array(row.length) };
    const width = Math.max(best / LEVELS_PER_LINK, passed / MOST_LEVELS);
    return {
      width,
      count: Math.ceil(passed / width),
      taken: Int32Array.from(row, (link) => Math.ceil((link / width) * (1 - 1e-12))),
    };
  });
}
