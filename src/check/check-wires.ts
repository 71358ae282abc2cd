import { COORDINATOR, nodeId, type Cluster } from "../core/cluster.js";
import { atMost } from "../core/tolerance.js";
import type { ClaimedFlow } from "./check-cut.js";
import type { Fail } from "./failure.js";
import type { PhysicalLinks } from "./physical-links.js";

/** What several parts of a machine share, and how much of it is left, in bytes/s. */
export interface CheckedWires {
  /** Of a node's NIC, or its machine's, for tokens that come from or go to other machines. */
  roomIn(node: number): number;
  roomOut(node: number): number;
  /** Of the link between two machines. */
  roomBetween(from: number, to: number): number;
  /** Tokens/s from and to other machines. */
  readonly outsideIn: Float64Array;
  readonly outsideOut: Float64Array;
}

/** What passes the NIC of a machine, and between two machines, is no more than they carry. O(links). */
export function checkWires(
  cluster: Cluster,
  links: PhysicalLinks,
  claimed: ClaimedFlow,
  fail: Fail,
): CheckedWires {
  const { nodes, hosts = [], model } = cluster;
  const outsideIn = new Float64Array(nodes.length);
  const outsideOut = new Float64Array(nodes.length);
  const between = new Map<number, { bytes: number; wide: number; name: string }>();
  for (const [from, row] of links.outOf) {
    for (const { to, capacity, inner } of row) {
      const flow = claimed.onLink.get(from)?.get(to) ?? 0;
      if (inner || flow === 0) continue;
      if (from !== COORDINATOR) outsideOut[from]! += flow;
      if (to !== COORDINATOR) outsideIn[to]! += flow;
      // Between nodes that are machines a link has its own figure to keep.
      if (nodes[from]?.part === undefined && nodes[to]?.part === undefined) continue;
      const ends = from === COORDINATOR || to === COORDINATOR;
      const bytes = ends ? model.tokenBytes : model.activationBytes;
      const known = between.get(pair(from, to)) ?? {
        bytes: 0,
        wide: capacity * bytes,
        name: `${machineName(from)} → ${machineName(to)}`,
      };
      known.bytes += flow * bytes;
      between.set(pair(from, to), known);
    }
  }
  for (const { bytes, wide, name } of between.values())
    if (!atMost(bytes, wide)) fail("links", `${name} carries ${bytes} bytes/s of ${wide}`);
  const usedIn = sumByHost(outsideIn, links.inBytes);
  const usedOut = sumByHost(outsideOut, links.outBytes);
  hosts.forEach(({ id, nicBytesPerSecond: nic }, host) => {
    for (const [way, used] of [
      ["in", usedIn[host]!],
      ["out", usedOut[host]!],
    ] as const)
      if (!atMost(used, nic)) {
        const message = `the parts of "${id}" take ${used} bytes/s ${way} through a NIC of ${nic}`;
        fail("nodes", message);
      }
  });
  const roomOf = (node: number, used: Float64Array, own: number): number => {
    const host = nodes[node]!.part?.host;
    return host === undefined
      ? cluster.machines[nodes[node]!.machine]!.nicBytesPerSecond - own
      : hosts[host]!.nicBytesPerSecond - used[host]!;
  };
  return {
    roomIn: (node) => roomOf(node, usedIn, outsideIn[node]! * links.inBytes[node]!),
    roomOut: (node) => roomOf(node, usedOut, outsideOut[node]! * links.outBytes[node]!),
    roomBetween: (from, to) => {
      if (between.size === 0) return Infinity;
      const known = between.get(pair(from, to));
      return known === undefined ? Infinity : known.wide - known.bytes;
    },
    outsideIn,
    outsideOut,
  };

  function sumByHost(flow: Float64Array, bytes: Float64Array): Float64Array {
    const sums = new Float64Array(hosts.length);
    nodes.forEach(({ part }, node) => {
      if (part !== undefined) sums[part.host]! += flow[node]! * bytes[node]!;
    });
    return sums;
  }

  function pair(from: number, to: number): number {
    return machineIndex(from) * (nodes.length + hosts.length + 1) + machineIndex(to);
  }

  function machineIndex(node: number): number {
    const host = nodes[node]?.part?.host;
    return host === undefined ? node + 1 : nodes.length + 1 + host;
  }

  function machineName(node: number): string {
    const host = nodes[node]?.part?.host;
    return host === undefined ? nodeId(cluster, node) : hosts[host]!.id;
  }
}
