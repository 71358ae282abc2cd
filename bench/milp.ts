// The exact model alone, from nothing: what the paper's rows, the tightened rows and the interval model
// reach in the same seconds, next to `--strategy milp` (tightened, with the bounds on compute) and to
// all strategies. node build/bench/milp.js [seconds per solve = 20] [instance …]
import { existsSync, readFileSync } from "node:fs";
import { loadCluster } from "../src/formats/load-cluster.js";
import type { Cluster } from "../src/core/cluster.js";
import type { LinearModel } from "../src/math/lp/linear-model.js";
import type { Solver } from "../src/math/lp/solver.js";
import { buildIntervalModel } from "../src/planner/node-milp/node-interval-model.js";
import { buildNodeModel } from "../src/planner/node-milp/node-model.js";
import { printTable } from "./print-table.js";
import { UNCONSTRAINED, type PlanningProblem } from "../src/planner/problem/problem.js";
import { loadSolver } from "../src/math/solver/load-solver.js";
import { measurePlan } from "./measure-plan.js";
import { randomCluster } from "./random-clusters.js";
import { REFERENCE } from "./reference.js";

const [, , secondsText = "20", ...wanted] = process.argv;
const seconds = Number(secondsText);

const FORMULATIONS: Readonly<Record<string, (problem: PlanningProblem) => LinearModel>> = {
  paper: (problem) => buildNodeModel(problem, { tightened: false }).model,
  tightened: (problem) => buildNodeModel(problem, { tightened: true }).model,
  interval: (problem) => buildIntervalModel(problem).model,
};

const file = (path: string) => (): string | undefined =>
  existsSync(path) ? readFileSync(path, "utf8") : undefined;

/** The text of a cluster file by name; undefined where it is not at hand. */
const INSTANCES: Readonly<Record<string, () => string | undefined>> = {
  "paper-24": file("clusters/paper-24.json"),
  "a100x4-30b": file(`${REFERENCE}/helix-a100x4-llama-30b.cluster.json`),
  "t4x12-30b": file(`${REFERENCE}/helix-t4x12-llama-30b.cluster.json`),
  "random-302": () => JSON.stringify(randomCluster(302)),
};

const rows: (readonly string[])[] = [];

function addRow(
  instance: string,
  what: string,
  size: string,
  found: number,
  bound: number,
  took: number,
  cpu: number | undefined,
): void {
  const gap =
    bound > 0 && Number.isFinite(bound) ? `${(100 * (1 - found / bound)).toFixed(2)} %` : "–";
  const used = cpu === undefined ? "" : cpu.toFixed(1);
  rows.push([instance, what, size, found.toFixed(1), bound.toFixed(1), gap, took.toFixed(1), used]);
}

function solveOne(solver: Solver, name: string, cluster: Cluster, formulation: string): void {
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const model = FORMULATIONS[formulation]!(problem);
  const before = process.cpuUsage();
  const begin = performance.now();
  const result = solver.solve(model, { timeLimitSeconds: seconds, seed: 1 });
  const took = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(before);
  const size = `${model.columnCount} × ${model.rowCount}`;
  const cpu = (user + system) / 1e6;
  addRow(name, formulation, size, result.objective ?? 0, result.bound, took, cpu);
}

const solver = await loadSolver("highs");
for (const [name, read] of Object.entries(INSTANCES)) {
  const text = wanted.length === 0 || wanted.includes(name) ? read() : undefined;
  if (text === undefined) continue;
  const { cluster } = loadCluster(name, text);
  const label = `${name} (${cluster.nodes.length} nodes, ${cluster.model.layers} layers)`;
  for (const formulation of Object.keys(FORMULATIONS))
    solveOne(solver, label, cluster, formulation);
  for (const strategy of ["milp", "portfolio"] as const) {
    const request = { cluster: text, gap: 1e-4, timeLimitSeconds: seconds, published: Infinity };
    const { throughput, upperBound, end } = measurePlan({ ...request, strategy }, 1);
    addRow(label, `--strategy ${strategy}`, "", throughput, upperBound, end, undefined);
  }
}
const header = ["instance", "model", "size", "found", "bound", "gap", "seconds", "CPU s"];
printTable(
  header.map((title) => ({ title })),
  rows,
);
