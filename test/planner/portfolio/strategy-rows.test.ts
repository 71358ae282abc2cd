import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import { InputError } from "../../../src/core/errors.js";
import {
  UNCONSTRAINED,
  type PlacementConstraints,
  type PlanningProblem,
} from "../../../src/planner/problem/problem.js";
import { takeTurns, type Schedule } from "../../../src/planner/portfolio/schedule.js";
import { chooseSchedule } from "../../../src/planner/portfolio/choose-schedule.js";
import { sliceOf, strategyChoices } from "../../../src/planner/portfolio/strategies.js";
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

const led: Schedule = {
  starts: [],
  models: ["regions", "stages", "blocks"],
  firstModels: 1,
  improvements: ["local-search", "lns"],
  lead: "local-search",
};

test("the lead has a thread to itself once the first models had their turns", () => {
  const turns = takeTurns(led, 1, sliceOf);
  const [first, second] = [turns.next()!, turns.next()!];
  expect([first.strategy, second.strategy]).toEqual(["regions", "local-search"]);
  turns.end(first, true);
  for (let turn = 0; turn < 6; turn++) {
    const beside = turns.next()!;
    expect(beside.seed !== second.seed || beside.strategy !== "local-search").toBe(true);
    turns.end(beside, false);
  }
  turns.end(second, true);
  turns.next();
  expect(turns.next()).toMatchObject({ strategy: "local-search", seed: second.seed });
});

test("where tasks run one by one the lead has every second turn, until it has nothing left to do", () => {
  const turns = takeTurns(led, 1, sliceOf);
  const seen: string[] = [];
  for (let turn = 0; turn < 8; turn++) {
    const task = turns.next()!;
    seen.push(task.strategy);
    turns.end(task, turn < 5);
  }
  expect(seen.filter((_, turn) => turn % 2 === 1).slice(0, 3)).toEqual(
    Array(3).fill("local-search"),
  );
  expect(seen[0]).toBe("regions");
  expect(seen.slice(6)).not.toEqual(["local-search", "local-search"]);
});

test("once all had a look, a steady model has three of four turns that are not the lead's, and all when nothing else is to do", () => {
  for (const improvements of [led.improvements, []]) {
    const schedule: Schedule = { ...led, improvements, steady: ["regions"] };
    const turns = takeTurns(schedule, 1, sliceOf);
    const regions = turns.next()!;
    const leading = turns.next()!;
    turns.end(regions, true);
    const seen: string[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const task = turns.next()!;
      seen.push(task.strategy);
      turns.end(task, task.strategy === "regions");
    }
    expect(leading.strategy).toBe("local-search");
    expect(seen.slice(0, 2)).toEqual(["stages", "blocks"]);
    const later = seen.slice(2);
    expect(later.filter((_, turn) => turn % 4 !== 3)).toEqual(Array(6).fill("regions"));
    const others = later.filter((_, turn) => turn % 4 === 3);
    if (improvements.length > 0) expect(others).not.toContain("regions");
  }
});

test("the table of docs/formulation.md lists every strategy, and up to how many nodes it is tried", () => {
  const page = readFileSync("docs/formulation.md", "utf8");
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\|[^|]*\| +([^|]*?) \|/gm)];
  const names = rows.map(([, name]) => name);
  expect(["portfolio", ...names].toSorted()).toEqual(strategyChoices().toSorted());
  for (const [, name, most] of rows) {
    if (!/^[\d,]+$/.test(most!)) continue;
    const nodes = Number(most!.replaceAll(",", ""));
    const extra = name === "try-all" ? { survive: { losses: 1, floor: 0.5 } } : {};
    const choice = name as Parameters<typeof chooseSchedule>[1];
    expect(() => chooseSchedule(problemOf(nodes, extra), choice), name).not.toThrow();
    const beyond = (): unknown => chooseSchedule(problemOf(nodes + 1, extra), choice);
    expect(beyond, name).toThrow(`at most ${nodes}`);
  }
});
