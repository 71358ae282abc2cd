import { expect, test } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import type { LayerInterval } from "../../../src/core/placement.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { openChainProgram } from "../../../src/planner/change/chain-program.js";
import { listChainSpace } from "../../../src/planner/change/chain-space.js";
import { createChainPricer, listCheapest } from "../../../src/planner/change/cheapest-chain.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { relaxBranch } from "../../../src/planner/change/price-branch.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

const highs = await loadSolver("highs");
const LAYERS = 24;

/** Ten nodes of four kinds in one region, each of which may hold any number of layers: as many rates as kinds and numbers. */
function drawKinds(seed: number): Cluster {
  const tiny = drawTinyCluster(seed);
  const draw = createDraw(seed + 3);
  return {
    ...tiny,
    model: { ...tiny.model, layers: LAYERS },
    machines: [0, 1, 2, 3].map((kind) => {
      const speed = 300 + draw(900);
      const tokensPerSecond = Array.from({ length: LAYERS }, (_, k) => speed / (k + 1));
      const capacity = { maxLayers: LAYERS, tokensPerSecond, source: "given" as const };
      return { name: `m${kind}`, capacity, nicBytesPerSecond: Infinity, gpus: 1 };
    }),
    nodes: Array.from({ length: 10 }, (_, node) => ({
      id: `n${node}`,
      machine: node % 4,
      region: 0,
    })),
    regions: ["r"],
    network: {
      byRegion: [[{ bandwidthBytesPerSecond: 1e12, latencySeconds: 0 }]],
      exceptions: new Map(),
    },
    coordinator: { region: 0, nicBytesPerSecond: 1e12 },
  };
}

test("where no chain is worth its price, one question rules out several levels", () => {
  for (let seed = 0; seed < 6; seed++) {
    const cluster = drawKinds(seed);
    const constraints = { ...UNCONSTRAINED, chainsOnly: true };
    const problem = { cluster, partialInference: false, constraints };
    const held = cluster.nodes.map((_, node): LayerInterval => [2 * node, 2 * node + 4]);
    const space = listChainSpace(problem, countLoadBytes(cluster.model, held), 200)!;
    const program = openChainProgram(space, highs);
    let questions = 0;
    relaxBranch(
      space,
      program,
      (_, limit) => {
        questions += 1;
        return { cost: limit };
      },
      { counts: new Map(), places: [] },
      { enough: () => Infinity, near: 0, shouldStop: () => false },
    );
    program.dispose();
    expect(space.levels.length).toBeGreaterThan(40);
    expect(questions).toBeLessThan(space.levels.length / 4);
  }
});

test("of nodes that differ by their price alone a chain takes the cheapest, and as cheap a chain is found", () => {
  for (let seed = 0; seed < 6; seed++) {
    const cluster = drawKinds(seed);
    const constraints = { ...UNCONSTRAINED, chainsOnly: true };
    const problem = { cluster, partialInference: false, constraints };
    const draw = createDraw(seed + 9);
    const held = cluster.nodes.map((_, node): LayerInterval => [2 * node, 2 * node + 4]);
    const space = listChainSpace(problem, countLoadBytes(cluster.model, held), 200)!;
    const kind = [...space.classes.keys()];
    const prices = Float64Array.from(kind, () => draw(10));
    const starting = listCheapest(space, kind, prices);
    expect(starting.flat().length).toBeLessThan(0.9 * kind.length * LAYERS);
    for (const level of space.levels) {
      const costOf = (own: readonly (readonly number[])[]): number =>
        createChainPricer(space)({ kind, level, prices, starting: own }, 1e9).cost;
      expect(costOf(starting)).toBeCloseTo(costOf(starting.map(() => kind)), 9);
    }
  }
});

test("a node that is alike from a border on is not hidden by one that the chain has taken before", () => {
  for (let seed = 0; seed < 6; seed++) {
    const cluster = drawKinds(seed);
    const constraints = { ...UNCONSTRAINED, chainsOnly: true };
    const problem = { cluster, partialInference: false, constraints };
    const draw = createDraw(seed + 3);
    // All hold layers up to one of two ends: from a border within them on they load alike.
    const held = cluster.nodes.map((): LayerInterval => {
      const end = 12 * (1 + draw(2));
      return [end - 2 - draw(10), end];
    });
    const space = listChainSpace(problem, countLoadBytes(cluster.model, held), 200)!;
    const kind = [...space.classes.keys()];
    const prices = Float64Array.from(kind, () => draw(10) / 10);
    const starting = listCheapest(space, kind, prices);
    for (const level of space.levels) {
      const costOf = (own: readonly (readonly number[])[]): number =>
        createChainPricer(space)({ kind, level, prices, starting: own }, 1e9).cost;
      expect(costOf(starting)).toBeCloseTo(costOf(starting.map(() => kind)), 9);
    }
  }
});
