import { expect, test } from "vitest";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { branchOnRates } from "../../../src/planner/change/branch-rates.js";
import { listChainSpace } from "../../../src/planner/change/chain-space.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { choicesOf, countPlacements, listPlacements } from "../../support/brute-force.js";
import { drawHeld, drawTinyChange } from "../../support/tiny-change.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

const highs = await loadSolver("highs");
const FEW = 1500;
/** CHAIN_SEEDS=0-999: all in some minutes. */
const [FIRST, LAST] = (process.env["CHAIN_SEEDS"] ?? "0-69").split("-").map(Number) as [
  number,
  number,
];

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
    const held = drawHeld({ ...problem, constraints: UNCONSTRAINED }, draw);
    const change = drawTinyChange(problem, held, [1, 0.9, 0.6][seed % 3]!, (placement) =>
      measureThroughput(problem, placement),
    );
    if (change === undefined) continue;
    const { load, floor, carrying, fewest } = change;
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

/** A solver that errs in an open LP from its fifth solve on, as HiGHS did after hundreds of branches. */
function erring(): Solver & { readonly errors: () => number } {
  let errors = 0;
  return {
    ...highs,
    errors: () => errors,
    openLp: (model) => {
      const lp = highs.openLp(model);
      let solves = 0;
      return {
        ...lp,
        solve: (options) => {
          const found = lp.solve(options);
          if (++solves < 5) return found;
          errors += 1;
          return { status: "failed", termination: "error", bound: -Infinity };
        },
      };
    },
  };
}

test("a program in which the solver errs is begun anew, and as much is proven", () => {
  let [cases, errors] = [0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const cluster = drawTinyCluster(seed);
    const constraints = { ...UNCONSTRAINED, chainsOnly: true };
    const problem = { cluster, partialInference: false, constraints };
    if (countPlacements(problem) > FEW) continue;
    const draw = createDraw(seed + 9);
    const held = drawHeld(problem, draw);
    const load = countLoadBytes(cluster.model, held);
    const floor =
      0.6 * Math.max(...listPlacements(problem).map((p) => measureThroughput(problem, p)));
    if (floor === 0) continue;
    const space = listChainSpace(problem, load, floor)!;
    const prove = (solver: Solver): number => {
      let bound = 0;
      branchOnRates(space, solver, {
        nodes: held.length,
        mostBranches: 60,
        effort: { nodeLimit: 20 },
        known: () => cluster.model.layers * held.length,
        shouldStop: () => false,
        onBound: (higher) => (bound = Math.max(bound, higher)),
        onFound: () => undefined,
      });
      return bound;
    };
    const solver = erring();
    expect(prove(solver)).toBeCloseTo(prove(highs), 3);
    cases += 1;
    errors += solver.errors();
  }
  expect(cases).toBeGreaterThan(10);
  expect(errors).toBeGreaterThan(20);
});
