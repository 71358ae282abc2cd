// The exact model alone: what the paper's rows, the tightened rows and the interval model reach in
// the same seconds, from nothing. node build/bench/milp.js [seconds per solve] [highs|glpk]
import { readFileSync } from "node:fs";
import { loadCluster } from "../src/app/load-cluster.js";
import type { Cluster } from "../src/cluster/cluster.js";
import type { LinearModel } from "../src/lp/linear-model.js";
import type { Solver, SolverName } from "../src/lp/solver.js";
import { buildIntervalModel } from "../src/milp/node-interval-model.js";
import { buildNodeModel } from "../src/milp/node-model.js";
import { formatTable } from "../src/report/table.js";
import { UNCONSTRAINED, type PlanningProblem } from "../src/search/problem.js";
import { loadSolver } from "../src/solver/load-solver.js";

const [, , secondsText = "20", solverName = "highs"] = process.argv;
const seconds = Number(secondsText);

const FORMULATIONS: Readonly<Record<string, (problem: PlanningProblem) => LinearModel>> = {
  paper: (problem) => buildNodeModel(problem, { tightened: false }).model,
  tightened: (problem) => buildNodeModel(problem, { tightened: true }).model,
  interval: (problem) => buildIntervalModel(problem).model,
};

/** The cluster with its first nodes of each machine type and a model of fewer layers. */
function shrink(cluster: Cluster, perMachine: number, layers: number): Cluster {
  const taken = cluster.machines.map(() => 0);
  const nodes = cluster.nodes.filter(({ machine }) => taken[machine]!++ < perMachine);
  const machines = cluster.machines.map((machine) => {
    const tokensPerSecond = machine.capacity.tokensPerSecond.slice(0, layers);
    return {
      ...machine,
      capacity: { ...machine.capacity, tokensPerSecond, maxLayers: tokensPerSecond.length },
    };
  });
  return { ...cluster, nodes, machines, model: { ...cluster.model, layers } };
}

function solveOne(solver: Solver, cluster: Cluster, formulation: string): readonly string[] {
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const model = FORMULATIONS[formulation]!(problem);
  const begin = performance.now();
  const result = solver.solve(model, { timeLimitSeconds: seconds, seed: 1 });
  const took = (performance.now() - begin) / 1000;
  const found = result.objective ?? 0;
  const gap = result.bound > 0 ? (result.bound - found) / result.bound : 0;
  return [
    `${cluster.nodes.length} nodes, ${cluster.model.layers} layers`,
    formulation,
    `${model.columnCount} × ${model.rowCount}`,
    found.toFixed(1),
    result.bound.toFixed(1),
    `${(100 * gap).toFixed(2)}%`,
    String(result.nodes ?? ""),
    took.toFixed(1),
    result.status,
  ];
}

const { cluster } = loadCluster("paper-24", readFileSync("clusters/paper-24.json", "utf8"));
const instances = [shrink(cluster, 1, 12), shrink(cluster, 2, 24), cluster];
const solver = await loadSolver(solverName as SolverName);
const rows: (readonly string[])[] = [];
for (const instance of instances)
  for (const formulation of Object.keys(FORMULATIONS))
    rows.push(solveOne(solver, instance, formulation));
const header = ["instance", "rows", "size", "found", "bound", "gap", "nodes", "seconds", "status"];
console.log(
  formatTable(
    header.map((title) => ({ title })),
    rows,
  ),
);
