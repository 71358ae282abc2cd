import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { CheckedNodes } from "./check-nodes.js";
import type { Fail } from "./failure.js";
import { findMostFlow } from "./most-flow.js";

/** Sets of machines looked at, at most; beyond, those that carry most. */
const MOST_SETS = 5000;

/**
 * What any loss leaves of a placement that was planned for losses: at least the floor, and no less than what the file names as the
 * worst. Where not every way is allowed (chains, a limit on depth), what is left are the pipelines that the loss does not touch.
 * Where machines have parts, only an upper bound is looked at.
 */
export function checkSurvival(
  cluster: Cluster,
  file: PlacementFile,
  { intervals, computeCapacity, claimedFlow }: CheckedNodes,
  room: number,
  fail: Fail,
): void {
  const rule = file.constraints?.survive;
  if (rule === undefined) return;
  const { maxDepth, chainsOnly } = file.constraints ?? {};
  const machines = listHolders(cluster, intervals);
  const flowOf = (machine: string): number =>
    machines.get(machine)!.reduce((sum, node) => sum + claimedFlow[node]!, 0);
  const names = [...machines.keys()].sort((a, b) => flowOf(b) - flowOf(a));
  const left = (lost: readonly string[]): number => {
    const nodes = new Set(lost.flatMap((machine) => machines.get(machine) ?? []));
    if (maxDepth !== undefined || chainsOnly === true) {
      const ids = new Set([...nodes].map((node) => cluster.nodes[node]!.id));
      return file.pipelines
        .filter(({ stages }) => stages.every(({ node }) => !ids.has(node)))
        .reduce((sum, { flow }) => sum + flow, 0);
    }
    const rest = intervals.map((interval, node) => (nodes.has(node) ? null : interval));
    return findMostFlow(cluster, rest, computeCapacity, file.partialInference !== false);
  };
  const floor = rule.floor * file.throughput - room;
  const worst = file.survival?.worst;
  let looked = 0;
  const visit = (from: number, lost: readonly string[], carried: number): boolean => {
    if (lost.length === Math.min(rule.losses, names.length)) {
      // What did not pass through the machines lost goes on.
      const kept = Math.min(floor, worst?.throughput ?? floor);
      if (lost.length === 0 || file.throughput - carried >= kept + 2 * room) return true;
      const rest = left(lost);
      if (rest < floor)
        fail(
          "constraints.survive",
          `${rest} tokens/s are left without ${lost.join(", ")}; ${rule.floor} of ${file.throughput} must be`,
        );
      else if (worst !== undefined && rest < worst.throughput - 2 * room)
        fail(
          "survival.worst",
          `${rest} tokens/s are left without ${lost.join(", ")}, less than ${worst.throughput}`,
        );
      else return true;
      return false;
    }
    for (let at = from; at < names.length && looked < MOST_SETS; at++) {
      if (lost.length + 1 === rule.losses) looked += 1;
      if (!visit(at + 1, [...lost, names[at]!], carried + flowOf(names[at]!))) return false;
    }
    return true;
  };
  visit(0, [], 0);
  if (worst === undefined || worst.lost.length === 0) return;
  const named = left(worst.lost);
  const exact = cluster.hosts === undefined;
  if (named + 2 * room < worst.throughput || (exact && named > worst.throughput + 2 * room))
    fail("survival.worst", `${worst.throughput}; without ${worst.lost.join(", ")} ${named} flow`);
}

/** The nodes that hold layers, by machine. */
function listHolders(
  cluster: Cluster,
  intervals: CheckedNodes["intervals"],
): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  intervals.forEach((interval, node) => {
    if (interval === null) return;
    const { id, part } = cluster.nodes[node]!;
    const machine = part === undefined ? id : cluster.hosts![part.host]!.id;
    holders.set(machine, [...(holders.get(machine) ?? []), node]);
  });
  return holders;
}
