import type { Cluster, Link } from "../../core/cluster.js";

/**
 * The same cluster with every rate multiplied: T(k), NICs and bandwidths. Placements stay, their
 * flows scale along. Solvers have absolute tolerances, so models want flows of a usual size.
 * O(machines + regions² + exceptions).
 */
export function scaleCluster(cluster: Cluster, factor: number): Cluster {
  const scaleLink = (link: Link | undefined): Link | undefined =>
    link && { ...link, bandwidthBytesPerSecond: link.bandwidthBytesPerSecond * factor };
  return {
    ...cluster,
    machines: cluster.machines.map((machine) => ({
      ...machine,
      nicBytesPerSecond: machine.nicBytesPerSecond * factor,
      capacity: {
        ...machine.capacity,
        tokensPerSecond: machine.capacity.tokensPerSecond.map((tokens) => tokens * factor),
        ...(machine.capacity.byInterval === undefined
          ? {}
          : {
              byInterval: {
                ...machine.capacity.byInterval,
                tokensPerSecond: machine.capacity.byInterval.tokensPerSecond.map((row) =>
                  row.map((tokens) => tokens * factor),
                ),
              },
            }),
      },
    })),
    network: {
      byRegion: cluster.network.byRegion.map((row) => row.map(scaleLink)),
      exceptions: new Map(
        [...cluster.network.exceptions].map(([from, row]) => [
          from,
          new Map([...row].map(([to, link]) => [to, scaleLink(link)])),
        ]),
      ),
    },
    ...(cluster.hosts === undefined
      ? {}
      : {
          hosts: cluster.hosts.map((host) => ({
            ...host,
            nicBytesPerSecond: host.nicBytesPerSecond * factor,
            interconnect: scaleLink(host.interconnect)!,
          })),
        }),
    coordinator: {
      ...cluster.coordinator,
      nicBytesPerSecond: cluster.coordinator.nicBytesPerSecond * factor,
    },
  };
}
