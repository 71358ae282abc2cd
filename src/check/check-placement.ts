import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { clusterOfPlacement } from "../formats/read-placement.js";
import { nearlyEqual, RELATIVE_TOLERANCE } from "../core/tolerance.js";
import { checkCards } from "./check-cards.js";
import { checkConstraints } from "./check-constraints.js";
import { isMaximum, type ClaimedFlow } from "./check-cut.js";
import { checkLinkFlows } from "./check-flow.js";
import { checkNodes } from "./check-nodes.js";
import { checkPipelines, checkRouting } from "./check-routes.js";
import type { CheckFailure } from "./failure.js";
import { checkSurvival } from "./check-survival.js";
import { checkWires } from "./check-wires.js";
import { derivePhysicalLinks, type PhysicalLinks } from "./physical-links.js";

/**
 * Re-checks everything a placement file says against the cluster, sharing no code with the search or
 * the flow algorithms: cards and the parts they make, intervals and memory, link legality and capacity, conservation, NICs,
 * throughput as a maximum flow (no augmenting path), routing weights, pipelines,
 * the constraints it names (losses by max flows of its own), bound and gap.
 * @returns what does not hold; empty = the placement stands. O(nodes + legal links).
 */
export function checkPlacement(whole: Cluster, file: PlacementFile): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (path: string, message: string): void => {
    failures.push({ path, message });
  };
  const scale = Math.max(1, file.throughput);
  const near = (a: number, b: number): boolean =>
    Math.abs(a - b) <= RELATIVE_TOLERANCE * scale || nearlyEqual(a, b);

  if (file.model.layers !== whole.model.layers) {
    fail("model.layers", `${file.model.layers}; the cluster's model has ${whole.model.layers}`);
    return failures;
  }
  const parted = checkCards(whole, file, fail);
  if (parted === undefined) return failures;
  const cluster = clusterOfPlacement(parted, file);
  const nodes = checkNodes(cluster, file, fail);
  const links = derivePhysicalLinks(cluster, nodes.intervals, {
    // Chains run every layer once: entering a node in the middle is not among their links.
    partialInference: file.partialInference !== false && file.constraints?.chainsOnly !== true,
  });
  const claimed = checkLinkFlows(cluster, file, nodes, links, near, fail);
  const wires = checkWires(cluster, links, claimed, fail);
  const room = RELATIVE_TOLERANCE * scale;
  const settled = failures.length === 0;
  const open = openLinks(file, links, claimed);
  if (
    settled &&
    !isMaximum(cluster, nodes.computeCapacity, { links: open, wires }, claimed, room)
  ) {
    fail("throughput", `${file.throughput} is not the most these layers can carry`);
  }
  checkRouting(cluster, file, nodes, claimed, fail);
  checkPipelines(file, nodes, claimed, near, fail);
  checkConstraints(file, nodes, claimed, room, fail);
  if (failures.length === 0) checkSurvival(cluster, file, nodes, room, fail);
  checkBound(file, near, fail);
  return failures;
}

/**
 * The links over which more flow would have to be found to refute the throughput: all legal ones,
 * but with a limit on depth or chains asked for, only those the file opens.
 */
function openLinks(file: PlacementFile, links: PhysicalLinks, claimed: ClaimedFlow): PhysicalLinks {
  const { maxDepth, chainsOnly } = file.constraints ?? {};
  if (maxDepth === undefined && chainsOnly !== true) return links;
  const outOf = new Map(
    [...links.outOf].map(([from, row]) => {
      const listed = claimed.onLink.get(from);
      return [from, row.filter(({ to }) => listed?.has(to) === true)];
    }),
  );
  return { ...links, outOf };
}

function checkBound(
  file: PlacementFile,
  near: (a: number, b: number) => boolean,
  fail: (path: string, message: string) => void,
): void {
  const { throughput, upperBound, gap } = file;
  if (throughput > upperBound && !near(throughput, upperBound)) {
    fail("upperBound", `${upperBound} is below the throughput ${throughput}`);
  }
  const expected = upperBound === 0 ? 0 : (upperBound - throughput) / upperBound;
  if (Math.abs(gap - expected) > RELATIVE_TOLERANCE) {
    fail("gap", `${gap}; throughput and bound give ${expected}`);
  }
  const cut = file.bottleneck.reduce((sum, arc) => sum + arc.capacity, 0);
  if (file.bottleneck.length > 0 && !near(cut, throughput)) {
    fail("bottleneck", `its capacities sum to ${cut}, the throughput is ${throughput}`);
  }
}
