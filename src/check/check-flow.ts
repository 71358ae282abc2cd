import { COORDINATOR, machineOf, nodeId, type Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { atMost } from "../core/tolerance.js";
import type { ClaimedFlow } from "./check-cut.js";
import type { CheckedNodes } from "./check-nodes.js";
import type { Fail } from "./failure.js";
import type { PhysicalLinks } from "./physical-links.js";

/**
 * Links exist, are legal and carry no more than they can; at every node what comes in goes out and
 * fits compute and NIC; what leaves the coordinator is the throughput.
 * @param near equality of two flows, at the scale of the file.
 */
export function checkLinkFlows(
  cluster: Cluster,
  file: PlacementFile,
  nodes: CheckedNodes,
  links: PhysicalLinks,
  near: (a: number, b: number) => boolean,
  fail: Fail,
): ClaimedFlow {
  const onLink = new Map<number, Map<number, number>>();
  const inflow = new Float64Array(cluster.nodes.length);
  const outflow = new Float64Array(cluster.nodes.length);
  let sent = 0;
  let received = 0;
  const capacities = new Map(
    [...links.outOf].map(([from, row]) => [from, new Map(row.map((l) => [l.to, l.capacity]))]),
  );
  file.links.forEach((link, position) => {
    const path = `links[${position}]`;
    const from = nodes.indexOf.get(link.from);
    const to = nodes.indexOf.get(link.to);
    if (from === undefined) return fail(`${path}.from`, `the cluster has no node "${link.from}"`);
    if (to === undefined) return fail(`${path}.to`, `the cluster has no node "${link.to}"`);
    const capacity = capacities.get(from)?.get(to);
    const name = `${link.from} → ${link.to}`;
    if (capacity === undefined) {
      return fail(path, `${name} is no link that tokens may take with these layers`);
    }
    const row = onLink.get(from) ?? new Map<number, number>();
    if (row.has(to)) return fail(path, `${name} stands here a second time`);
    onLink.set(from, row.set(to, link.flow));
    if (!near(link.capacity, capacity)) {
      fail(`${path}.capacity`, `${link.capacity} tokens/s; the link carries ${capacity}`);
    }
    if (!atMost(link.flow, capacity)) {
      fail(`${path}.flow`, `${link.flow} tokens/s over a link that carries ${capacity}`);
    }
    if (from === COORDINATOR) sent += link.flow;
    else outflow[from]! += link.flow;
    if (to === COORDINATOR) received += link.flow;
    else inflow[to]! += link.flow;
    return undefined;
  });
  cluster.nodes.forEach((_, node) => {
    const through = nodes.claimedFlow[node]!;
    const name = nodeId(cluster, node);
    const path = `nodes (${name})`;
    if (!near(inflow[node]!, through)) {
      fail(path, `flow ${through}, but its links bring ${inflow[node]}`);
    }
    if (!near(outflow[node]!, through)) {
      fail(path, `flow ${through}, but its links take away ${outflow[node]}`);
    }
    if (!atMost(through, nodes.computeCapacity[node]!)) {
      fail(path, `flow ${through} above its compute capacity ${nodes.computeCapacity[node]}`);
    }
    // Parts of a machine share its NIC: see check-wires.ts.
    const { part } = cluster.nodes[node]!;
    const nic = part === undefined ? machineOf(cluster, node).nicBytesPerSecond : Infinity;
    if (
      !atMost(through * links.inBytes[node]!, nic) ||
      !atMost(through * links.outBytes[node]!, nic)
    ) {
      fail(path, `flow ${through} is more than its NIC carries (${nic} bytes/s)`);
    }
  });
  if (!near(sent, file.throughput)) {
    fail("throughput", `${file.throughput}, but the coordinator sends ${sent}`);
  }
  if (!near(received, file.throughput)) {
    fail("throughput", `${file.throughput}, but the coordinator receives ${received}`);
  }
  if (!atMost(file.throughput * cluster.model.tokenBytes, cluster.coordinator.nicBytesPerSecond)) {
    fail("throughput", `${file.throughput} is more than the coordinator's NIC carries`);
  }
  return { onLink, through: nodes.claimedFlow, total: file.throughput };
}
