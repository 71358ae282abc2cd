import type { ClusterFile, LinkClassEntry } from "../formats/cluster-schema.js";
import { readQuantity } from "../formats/read-quantity.js";
import type { LinkClass } from "./change.js";

/** The classes of links of a file that a change of bandwidth can name, NICs included. */
export function listLinkClasses(file: ClusterFile): readonly LinkClass[] {
  const { withinRegion, acrossRegions, regions, links } = file.network;
  return [
    ...(withinRegion === undefined ? [] : [{ kind: "within" } as const]),
    ...(acrossRegions === undefined ? [] : [{ kind: "across" } as const]),
    ...(regions ?? []).map((_, index) => ({ kind: "regions", index }) as const),
    ...(links === undefined || links.length === 0 ? [] : [{ kind: "listed" } as const]),
    ...Object.entries(file.machines).flatMap(([machine, { nic }]) =>
      nic !== undefined && file.nodes.some((node) => node.machine === machine)
        ? [{ kind: "nic", machine } as const]
        : [],
    ),
  ];
}

/** The file with so much more bandwidth on every link of the class. */
export function widenLinks(file: ClusterFile, links: LinkClass, added: number): ClusterFile {
  const { network } = file;
  const widen = <T extends LinkClassEntry>(entry: T): T => ({
    ...entry,
    bandwidth: readQuantity("bytesPerSecond", entry.bandwidth) + added,
  });
  switch (links.kind) {
    case "within":
      return { ...file, network: { ...network, withinRegion: widen(network.withinRegion!) } };
    case "across":
      return { ...file, network: { ...network, acrossRegions: widen(network.acrossRegions!) } };
    case "regions": {
      const regions = network.regions!.map((pair, at) => (at === links.index ? widen(pair) : pair));
      return { ...file, network: { ...network, regions } };
    }
    case "listed":
      return { ...file, network: { ...network, links: network.links!.map(widen) } };
    case "nic": {
      const machine = file.machines[links.machine]!;
      const nic = readQuantity("bytesPerSecond", machine.nic!) + added;
      return { ...file, machines: { ...file.machines, [links.machine]: { ...machine, nic } } };
    }
  }
}
