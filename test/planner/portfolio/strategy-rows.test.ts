import { expect, test } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import { InputError } from "../../../src/core/errors.js";
import {
  UNCONSTRAINED,
  type PlacementConstraints,
  type PlanningProblem,
} from "../../../src/planner/problem/problem.js";
import { takeTurns } from "../../../src/planner/portfolio/schedule.js";
import { chooseSchedule, sliceOf } from "../../../src/planner/portfolio/strategies.js";
import { drawTinyCluster } from "../../support/tiny-cluster.js";

/** A cluster of so many nodes of a tiny one's machines. */
function grow(nodes: number): Cluster {
  const cluster = drawTinyCluster(1);
  return {
    ...cluster,
    nodes: Array.from({ length: nodes }, (_, node) => cluster.nodes[node % cluster.nodes.length]!),
  };
}

function problemOf(nodes: number, extra: Partial<PlacementConstraints> = {}): PlanningProblem {
  const constraints = { ...UNCONSTRAINED, ...extra };
  return { cluster: grow(nodes), partialInference: true, constraints };
}

function chosen(problem: PlanningProblem): readonly string[] {
  const { starts, models, improvements } = chooseSchedule(problem, "portfolio");
  return [...starts, ...models, ...improvements];
}

test("a strategy that does not suit the problem gets no task", () => {
  expect(chosen(problemOf(150))).toContain("lns");
  expect(chosen(problemOf(151))).not.toContain("lns");
  expect(chosen(problemOf(1501))).not.toContain("local-search");
  expect(chosen(problemOf(401))).not.toContain("boxes");
  expect(chosen(problemOf(20))).toContain("parts");
  expect(chosen(problemOf(20, { maxNodesPerStage: 1 }))).not.toContain("parts");
  const chains = chosen(problemOf(20, { chainsOnly: true }));
  for (const name of ["stages", "composite", "lanes", "mesh", "local-search", "lns"])
    expect(chains).not.toContain(name);
  expect(chains).toContain("pipelines");
});

test("nodes that must stay empty do not count", () => {
  const drained = new Set([150, 151, 152]);
  expect(chosen(problemOf(153, { drained }))).toContain("lns");
});

test("few nodes are solved exactly right after the bounds", () => {
  const { models } = chooseSchedule(problemOf(6), "portfolio");
  const others = models.slice(models.indexOf("compute-bounds") + 1);
  expect(others.slice(0, 2)).toEqual(["boxes", "milp"]);
  expect(chosen(problemOf(7))).not.toContain("milp");
});

test("one asked for by name that does not suit is an error that says why", () => {
  expect(() => chooseSchedule(problemOf(151), "lns")).toThrow(InputError);
  expect(() => chooseSchedule(problemOf(151), "lns")).toThrow(
    /--strategy lns: found 151 nodes that may hold layers, expected at most 150/,
  );
  expect(() => chooseSchedule(problemOf(4, { chainsOnly: true }), "stages")).toThrow(/chainsOnly/);
});

test("where nothing improves, every model gets its turns, and then all is done", () => {
  const schedule = chooseSchedule(problemOf(1501), "portfolio");
  expect(schedule.improvements).toEqual([]);
  const turns = takeTurns(schedule, 1, sliceOf);
  const order = [...schedule.starts, ...schedule.models];
  for (const strategy of order) expect(turns.next()).toMatchObject({ strategy });
  expect(turns.next()).toBeUndefined();
});
