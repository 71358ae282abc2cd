import type { ClusterFile, NetworkEntry } from "../formats/cluster-schema.js";

type Pair = NonNullable<NetworkEntry["regions"]>[number];

/** Whether it is a pair of these two regions, in any order. */
function joins({ between }: Pair, a: string, b: string): boolean {
  return between.includes(a) && between.includes(b);
}

/**
 * The file with links as on a price list from a region in which no machine was before to those where some are. What the file
 * itself says of them stays: its pair, else a pair of the list, else its class for all regions, else that of the list.
 * O(regions · pairs).
 */
export function linkRegion(file: ClusterFile, region: string, listed: NetworkEntry): ClusterFile {
  const { network, nodes, coordinator } = file;
  const lived = new Set([...nodes.map((node) => node.region), coordinator?.region]);
  if (lived.has(region)) return file;
  const { regions = [], acrossRegions } = network;
  const others = [...lived].flatMap((name) => name ?? []);
  const pairs = others.flatMap((other): readonly Pair[] => {
    if (regions.some((pair) => joins(pair, other, region))) return [];
    const pair = listed.regions?.find((one) => joins(one, other, region));
    if (pair !== undefined) return [pair];
    const any = acrossRegions === undefined ? listed.acrossRegions : undefined;
    return any === undefined ? [] : [{ between: [other, region], ...any }];
  });
  // A region without a name is in no pair; where it is the only one, all links between regions are those to the new one.
  const alone = others.length === 0 && acrossRegions === undefined;
  const across = alone ? listed.acrossRegions : acrossRegions;
  return {
    ...file,
    network: {
      ...network,
      ...(across === undefined ? {} : { acrossRegions: across }),
      ...(pairs.length === 0 ? {} : { regions: [...regions, ...pairs] }),
    },
  };
}
