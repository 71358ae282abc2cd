import type { NetworkEntry } from "../../formats/cluster-schema.js";
import type { ImportedHost } from "./import-outcome.js";

/** Between nodes of one machine: through the memory of its processor. Assumed. */
const WITHIN_MACHINE = { bandwidth: "12.5 GB/s", latency: "0.1 ms" } as const;

export interface HostLinks {
  readonly network: NetworkEntry;
  readonly assumptions: readonly string[];
  /** Nodes that no link reaches. */
  readonly unreached: readonly string[];
}

/**
 * Measured links between machines → links between nodes: where a machine has cards of several kinds,
 * each node has the links of its machine, and nodes of one machine reach each other through it. Links
 * of machines that no other source knows are left out. O(nodes + links · nodes per machine²).
 */
export function linkHosts(network: NetworkEntry, hosts: readonly ImportedHost[]): HostLinks {
  const nodes = new Map<string, string[]>([["coordinator", ["coordinator"]]]);
  for (const { id, partOf } of hosts) {
    nodes.set(id, [...(nodes.get(id) ?? []), id]);
    if (partOf !== undefined) nodes.set(partOf, [...(nodes.get(partOf) ?? []), id]);
  }
  const measured = (network.links ?? []).flatMap((link) =>
    (nodes.get(link.from) ?? []).flatMap((from) =>
      (nodes.get(link.to) ?? []).map((to) => ({ ...link, from, to })),
    ),
  );
  const inside = [...nodes.values()].flatMap((together) =>
    together.flatMap((from) =>
      together.filter((to) => to !== from).map((to) => ({ from, to, ...WITHIN_MACHINE })),
    ),
  );
  const links = [...measured, ...inside];
  const reached = new Set(measured.flatMap(({ from, to }) => [from, to]));
  return {
    network: { ...network, links },
    assumptions:
      inside.length === 0
        ? []
        : [
            `nodes of one machine: ${WITHIN_MACHINE.bandwidth} and ${WITHIN_MACHINE.latency} between them`,
          ],
    unreached: hosts.map(({ id }) => id).filter((id) => !reached.has(id)),
  };
}
