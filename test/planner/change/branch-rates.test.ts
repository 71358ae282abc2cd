import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { branchOnRates } from "../../../src/planner/change/branch-rates.js";
import { listChainSpace } from "../../../src/planner/change/chain-space.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../../src/planner/problem/problem.js";
import { choicesOf, countPlacements } from "../../support/brute-force.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

const highs = await loadSolver("highs");
const FEW = 1500;
/** CHAIN_SEEDS=0-999: all in some minutes. */
const [FIRST, LAST] = (process.env["CHAIN_SEEDS"] ?? "0-69").split("-").map(Number) as [
  number,
  number,
];

function listPlacements(problem: PlanningProblem): readonly Placement[] {
  return problem.cluster.nodes.reduce<readonly (readonly (LayerInterval | null)[])[]>(
    (all, _, node) => all.flatMap((some) => choicesOf(problem, node).map((own) => [...some, own])),
    [[]],
  );
}

test("branching on rates proves no more than the fewest bytes of any chains, and mostly finds them", () => {
  let [cases, closed] = [0, 0];
  for (let seed = FIRST; seed <= LAST; seed++) {
    const draw = createDraw(seed + 9);
    const cluster = drawTinyCluster(seed);
    const drained = new Set(draw(5) === 0 ? [draw(cluster.nodes.length)] : []);
    const free = { ...UNCONSTRAINED, drained, chainsOnly: true };
    const node = draw(cluster.nodes.length);
    const choices = choicesOf({ cluster, partialInference: false, constraints: free }, node);
    const pin = draw(4) === 0 ? choices[draw(choices.length)]! : null;
    const pins = new Map(pin === null ? [] : [[node, pin] as const]);
    const problem = { cluster, partialInference: false, constraints: { ...free, pins } };
    if (countPlacements(problem) > FEW) continue;
    const held = cluster.nodes.map((_, node): LayerInterval | null => {
      const own = choicesOf({ ...problem, constraints: UNCONSTRAINED }, node);
      return own[draw(own.length)]!;
    });
    const load = countLoadBytes(cluster.model, held);
    const flows = listPlacements(problem).map((placement) => ({
      placement,
      flow: measureThroughput(problem, placement),
    }));
    const floor = [1, 0.9, 0.6][seed % 3]! * Math.max(...flows.map(({ flow }) => flow));
    if (floor === 0) continue;
    const carrying = flows.filter(({ flow }) => flow >= floor).map(({ placement }) => placement);
    const fewest = Math.min(...carrying.map((placement) => load.total(placement)));
    // Few levels: neighbours are told apart no more, and less is proven.
    for (const mostLevels of [400, 2]) {
      let known = load.total(carrying[draw(carrying.length)]!);
      let bound = 0;
      branchOnRates(listChainSpace(problem, load, floor, mostLevels)!, highs, {
        nodes: held.length,
        mostBranches: 60,
        effort: { nodeLimit: 20 },
        known: () => known / load.largestLayer,
        shouldStop: () => false,
        onBound: (higher) => (bound = Math.max(bound, higher)),
        onFound: (placement) => {
          if (measureThroughput(problem, placement) >= floor)
            known = Math.min(known, load.total(placement));
        },
      });
      expect(known).toBeGreaterThanOrEqual(fewest);
      const proven = Math.min(bound * load.largestLayer, known);
      expect(proven).toBeLessThanOrEqual(fewest * (1 + 1e-6) + 1e-6);
      if (mostLevels === 2 || fewest === 0) continue;
      cases += 1;
      if (known === fewest && proven > fewest * 0.999) closed += 1;
    }
  }
  if (process.env["CHAIN_SEEDS"] !== undefined) console.log({ cases, closed });
  expect(cases).toBeGreaterThan(10);
  expect(closed / cases).toBeGreaterThan(0.5);
});
