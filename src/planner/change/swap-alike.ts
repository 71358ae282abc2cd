import type { Placement } from "../../core/placement.js";
import { findIdenticalNodes } from "../problem/node-symmetry.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { LoadBytes } from "./load-bytes.js";

/**
 * The same placement but for which of alike nodes holds what: pairs swap as long as that saves bytes. What it carries and serves
 * stays as it is. O(nodes²) a round.
 */
export function swapAlike(
  problem: PlanningProblem,
  load: LoadBytes,
  placement: Placement,
): Placement {
  const swapped = [...placement];
  for (const group of findIdenticalNodes(problem)) {
    for (let improved = true; improved;) {
      improved = false;
      for (const a of group)
        for (const b of group) {
          const [own, other] = [swapped[a]!, swapped[b]!];
          const before = load.of(a, own) + load.of(b, other);
          if (load.of(a, other) + load.of(b, own) >= before) continue;
          [swapped[a], swapped[b]] = [other, own];
          improved = true;
        }
    }
  }
  return swapped;
}
