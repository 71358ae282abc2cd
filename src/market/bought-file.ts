import type { Cluster } from "../core/cluster.js";
import type { Model } from "../core/model.js";
import type { ClusterFile, NetworkEntry } from "../formats/cluster-schema.js";
import { partedAs } from "../formats/parted-as.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { readQuantity } from "../formats/read-quantity.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { BITS_PER_BYTE, GIGA } from "../core/units.js";
import { buyMix, priceOf, type Market } from "./market.js";

/** The cluster file of base and mix, to be kept: named for what it is, with the machines it uses. */
export function writeBoughtFile(market: Market, counts: readonly number[]): ClusterFile {
  const file = buyMix(market, counts);
  const bought = market.offers.flatMap(({ machine, region }, offer) =>
    counts[offer] === 0
      ? []
      : [`${counts[offer]} × ${machine}${region === undefined ? "" : ` in ${region}`}`],
  );
  const used = new Set(file.nodes.map(({ machine }) => machine));
  const machines = Object.fromEntries(
    Object.entries(file.machines).filter(([name]) => used.has(name)),
  );
  const gpus = new Set(
    Object.values(machines).flatMap(({ gpu, cards = [] }) => [
      gpu,
      ...cards.map((card) => card.gpu),
    ]),
  );
  const described = Object.entries(file.gpus ?? {}).filter(([name]) => gpus.has(name));
  const kept = market.base.nodes.length === 0 ? "" : "today's machines and ";
  const { gpus: _, ...rest } = file;
  return {
    ...rest,
    name: `${file.name}, bought for ${priceOf(market.offers, counts).toFixed(2)} $/h`,
    description: `${kept}${bought.length === 0 ? "nothing" : bought.join(", ")}`,
    machines,
    ...(described.length === 0 ? {} : { gpus: Object.fromEntries(described) }),
  };
}

/** What was bought as a cluster, whose cards work together as in its plan. */
export function boughtCluster(
  file: ClusterFile,
  placement: PlacementFile | undefined,
  referencedModel?: Model,
): Cluster {
  const mix = resolveCluster("the mix", file, referencedModel);
  return placement === undefined ? mix : partedAs("the mix", mix, placement);
}

/** A pair of today's regions whose links the price list describes otherwise than today's file. Gb/s. */
export interface RelinkedPair {
  readonly between: readonly string[];
  readonly today: number;
  readonly listed: number;
}

/** Pairs that the price list names and today's file covers only by its class for all regions. */
export function listRelinked(
  file: ClusterFile,
  listed: NetworkEntry = {},
): readonly RelinkedPair[] {
  const { acrossRegions, regions = [] } = file.network;
  if (acrossRegions === undefined) return [];
  const lived = new Set(file.nodes.map(({ region }) => region));
  const keyOf = (between: readonly string[]): string => [...between].sort().join("\n");
  const own = new Set(regions.map(({ between }) => keyOf(between)));
  const gigabits = (bandwidth: string | number): number =>
    (readQuantity("bytesPerSecond", bandwidth) * BITS_PER_BYTE) / GIGA;
  return (listed.regions ?? []).flatMap(({ between, bandwidth }) => {
    const known = between.every((region) => lived.has(region)) && !own.has(keyOf(between));
    const [today, then] = [gigabits(acrossRegions.bandwidth), gigabits(bandwidth)];
    return known && today !== then ? [{ between, today, listed: then }] : [];
  });
}
