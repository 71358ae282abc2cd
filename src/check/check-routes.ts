import { COORDINATOR, COORDINATOR_ID, nodeId, type Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { nearlyEqual } from "../core/tolerance.js";
import type { ClaimedFlow } from "./check-cut.js";
import type { CheckedNodes } from "./check-nodes.js";
import type { Fail } from "./failure.js";

/** Routing weights sum to 1 at every sender and are the shares of its flow. */
export function checkRouting(
  cluster: Cluster,
  file: PlacementFile,
  nodes: CheckedNodes,
  claimed: ClaimedFlow,
  fail: Fail,
): void {
  for (const [sender, hops] of Object.entries(file.routing)) {
    const path = `routing[${JSON.stringify(sender)}]`;
    const from = nodes.indexOf.get(sender);
    if (from === undefined) {
      fail(path, `the cluster has no node "${sender}"`);
      continue;
    }
    const sum = hops.reduce((total, hop) => total + hop.weight, 0);
    if (!nearlyEqual(sum, 1)) fail(path, `the weights sum to ${sum}, not 1`);
    const flows = claimed.onLink.get(from);
    const total = [...(flows?.values() ?? [])].reduce((a, b) => a + b, 0);
    hops.forEach(({ to, weight }, index) => {
      const head = nodes.indexOf.get(to);
      const share = head === undefined ? undefined : flows?.get(head);
      if (share === undefined) fail(`${path}[${index}].to`, `${sender} has no link to "${to}"`);
      else if (!nearlyEqual(weight, share / total)) {
        fail(`${path}[${index}].weight`, `${weight}; the share of the flow is ${share / total}`);
      }
    });
  }
  for (const [from, flows] of claimed.onLink) {
    const total = [...flows.values()].reduce((a, b) => a + b, 0);
    const name = nodeId(cluster, from);
    if (total > 1e-6 * Math.max(1, claimed.total) && !Object.hasOwn(file.routing, name)) {
      fail("routing", `${name} sends ${total} tokens/s and has no routing weights`);
    }
  }
}

/** Pipelines run every layer once, over nodes that hold them, and add up to the flow on every link. */
export function checkPipelines(
  file: PlacementFile,
  nodes: CheckedNodes,
  claimed: ClaimedFlow,
  near: (a: number, b: number) => boolean,
  fail: Fail,
): void {
  const sums = new Map<string, number>();
  const key = (from: number, to: number): string => `${from} ${to}`;
  file.pipelines.forEach((pipeline, position) => {
    const path = `pipelines[${position}]`;
    if (claimed.total > 0 && !near(pipeline.weight * claimed.total, pipeline.flow)) {
      fail(
        `${path}.weight`,
        `${pipeline.weight}; the share of the flow is ${pipeline.flow / claimed.total}`,
      );
    }
    let done = 0;
    let from = COORDINATOR;
    pipeline.stages.forEach((stage, index) => {
      const node = nodes.indexOf.get(stage.node);
      const held = node === undefined ? undefined : nodes.intervals[node];
      const where = `${path}.stages[${index}]`;
      if (node === undefined || held === undefined || held === null) {
        fail(where, `"${stage.node}" is no node that holds layers`);
        return;
      }
      const [start, end] = stage.layers;
      if (start !== done) fail(where, `starts at layer ${start}, but ${done} layers are done`);
      if (start < held[0] || end !== held[1]) {
        fail(where, `runs [${start}, ${end}), but "${stage.node}" holds [${held[0]}, ${held[1]})`);
      }
      sums.set(key(from, node), (sums.get(key(from, node)) ?? 0) + pipeline.flow);
      done = end;
      from = node;
    });
    if (done !== file.model.layers) fail(path, `ends after layer ${done} of ${file.model.layers}`);
    sums.set(key(from, COORDINATOR), (sums.get(key(from, COORDINATOR)) ?? 0) + pipeline.flow);
  });
  const names = new Map([...nodes.indexOf].map(([id, index]) => [index, id]));
  for (const [from, flows] of claimed.onLink) {
    for (const [to, flow] of flows) {
      const sum = sums.get(key(from, to)) ?? 0;
      if (!near(sum, flow)) {
        const name = `${names.get(from) ?? COORDINATOR_ID} → ${names.get(to) ?? COORDINATOR_ID}`;
        fail("pipelines", `they carry ${sum} tokens/s over ${name}, the flow there is ${flow}`);
      }
    }
  }
}
