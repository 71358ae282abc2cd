import type { Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import type { Placement } from "../core/placement.js";
import type { ResolvedChange } from "./read-change.js";

/** @throws InputError where the steps of a change lead to another placement than this one. */
export function requireArrival(
  source: string,
  cluster: Cluster,
  { before, steps }: ResolvedChange,
  placement: Placement,
): void {
  const after = [...before];
  for (const { nodes } of steps) for (const { node, to } of nodes) after[node] = to;
  const unlike = cluster.nodes.filter((_, node) => after[node]?.join() !== placement[node]?.join());
  if (unlike.length === 0) return;
  throw new InputError(source, [
    {
      path: "steps",
      found: `an end that differs from the placement given at ${unlike.length} nodes, ${unlike[0]!.id} the first`,
      expected: "the placement that the change leads to",
      remedy: "Give the placement that the same helix-place replan wrote with -o.",
    },
  ]);
}
