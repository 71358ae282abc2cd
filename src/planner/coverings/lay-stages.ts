import type { LayerInterval } from "../../core/placement.js";
import type { MachineClass } from "../problem/machine-classes.js";
import type { StageCount } from "./stage-master.js";
import type { StageTree } from "./stage-tree.js";

/**
 * Lays stages one after another over the layers and names the nodes: classes hand out their nodes in
 * ascending order. Long stages first, unless the order given is to be kept. A stage or node that would end past the model is moved
 * back to end with it (it then overlaps its predecessor, which partial inference allows).
 * @param intervals written to: one entry per node of the cluster.
 */
export function layStages(
  stages: readonly StageCount[],
  classes: readonly Pick<MachineClass, "nodes">[],
  layers: number,
  intervals: (LayerInterval | null)[],
  order: "long first" | "as given" = "long first",
): void {
  const handedOut = new Int32Array(classes.length);
  const lay = (tree: StageTree, start: number): void => {
    for (const { machineClass, held, count } of tree.items) {
      const begin = Math.max(0, Math.min(start, layers - held));
      for (let n = 0; n < count; n++) {
        const node = classes[machineClass]!.nodes[handedOut[machineClass]!++]!;
        intervals[node] = [begin, begin + held];
      }
    }
    for (const lane of tree.lanes) {
      let border = start;
      for (const piece of lane) {
        lay(piece, border);
        border += piece.layers;
      }
    }
  };
  let border = 0;
  const laid =
    order === "as given" ? stages : stages.toSorted((a, b) => b.pattern.layers - a.pattern.layers);
  for (const { pattern, count } of laid) {
    for (let n = 0; n < count; n++) {
      lay(pattern.tree, Math.max(0, Math.min(border, layers - pattern.layers)));
      border += pattern.layers;
    }
  }
}
