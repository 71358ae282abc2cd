import { expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { annealBytes } from "../../../src/planner/change/anneal-bytes.js";
import { countUncovered } from "../../../src/planner/change/cover-change.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { priceNodes } from "../../../src/planner/change/price-nodes.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../../src/planner/problem/problem.js";
import {
  choicesOf,
  countPlacements,
  listPlacements,
  maxFlowOf,
} from "../../support/brute-force.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

/** PRICE_SEEDS=0-2000: some minutes. */
const [FIRST, LAST] = (process.env["PRICE_SEEDS"] ?? "0-69").split("-").map(Number) as [
  number,
  number,
];
const highs = await loadSolver("highs");
const FEW = 1500;

/** Layers of the largest kind that no change loads less than, by prices of nodes. */
function proveLayers(problem: PlanningProblem, held: Placement, floor: number): number {
  let proven = -Infinity;
  const load = countLoadBytes(problem.cluster.model, held);
  const stop = { rounds: 30, shouldStop: () => false };
  priceNodes(problem, load, highs, { floor, ...stop, onBound: (layers) => (proven = layers) });
  return proven;
}

test("prices of nodes prove no more than the fewest bytes, and often more than the layers that nobody holds", () => {
  let [cases, higher, closed] = [0, 0, 0];
  for (let seed = FIRST; seed <= LAST; seed++) {
    const drawn = drawTinyCluster(seed);
    const ends = seed % 2 === 0 ? {} : { embeddingBytes: 5, headBytes: 4, tiedBytes: 3 };
    const cluster = { ...drawn, model: { ...drawn.model, ...ends } };
    const draw = createDraw(seed + 11);
    const drained = new Set(draw(4) === 0 ? [draw(cluster.nodes.length)] : []);
    const problem = {
      cluster,
      partialInference: draw(3) > 0,
      constraints: { ...UNCONSTRAINED, drained },
    };
    if (countPlacements(problem) > FEW) continue;
    const held = cluster.nodes.map((_, node): LayerInterval | null => {
      // What a node holds may be more than its machine takes now.
      if (draw(6) === 0) return [0, cluster.model.layers];
      const choices = choicesOf({ ...problem, constraints: UNCONSTRAINED }, node);
      return choices[draw(choices.length)]!;
    });
    const load = countLoadBytes(cluster.model, held);
    const flows = listPlacements(problem).map((placement) => ({
      bytes: load.total(placement),
      flow: maxFlowOf(cluster, placement, problem.partialInference),
    }));
    const floor = [1, 0.9, 0.6][seed % 3]! * Math.max(...flows.map(({ flow }) => flow));
    if (floor === 0) continue;
    const fewest = Math.min(...flows.filter(({ flow }) => flow >= floor).map(({ bytes }) => bytes));
    const bound = proveLayers(problem, held, floor) * load.largestLayer;
    expect(bound, `seed ${seed}`).toBeLessThanOrEqual(fewest + 1e-6 * load.largestLayer);
    cases += 1;
    if (bound > countUncovered(problem, load) + 1e-6) higher += 1;
    if (bound >= fewest - 1e-6) closed += 1;
  }
  if (process.env["PRICE_SEEDS"] !== undefined) console.log({ cases, higher, closed });
  expect(cases).toBeGreaterThan(20);
  expect(higher).toBeGreaterThan(cases / 10);
});

test("of 400 nodes that hold a layer each the fewest move to where some were lost, and prices prove it", () => {
  const layers = 80;
  const file = (count: number): Parameters<typeof resolveCluster>[1] => ({
    format: "helix-place/cluster@1",
    name: "plain",
    model: "llama-2-70b",
    machines: { plain: { nic: "10 GB/s", profile: { tokensPerSecond: [100, 45] } } },
    nodes: [{ id: "plain", machine: "plain", count }],
    network: { withinRegion: { bandwidth: "10 GB/s", latency: "1 ms" } },
  });
  // Five nodes per layer, a sixth on ten of them; of three layers one is lost.
  const lost = new Set([0, 17, 42]);
  const held = [...Array(5 * layers + 10).keys()]
    .filter((node) => !lost.has(node))
    .map((node): LayerInterval => [node % layers, (node % layers) + 1]);
  const cluster = resolveCluster("plain", file(held.length));
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const load = countLoadBytes(cluster.model, held);
  expect(proveLayers(problem, held, 500)).toBe(2);
  const anew = held.map((_, node): LayerInterval => [79 - (node % layers), 80 - (node % layers)]);
  const found = annealBytes(problem, load, anew, {
    floor: 500,
    from: held,
    random: createRandom(1),
    moves: 200_000,
    shouldStop: () => false,
  });
  expect(load.total(found)).toBeLessThan(2.5 * load.largestLayer);
});
