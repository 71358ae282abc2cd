import { parseArgs } from "node:util";
import { findMostFlow } from "../src/check/most-flow.js";
import { machineOf, type Cluster } from "../src/core/cluster.js";
import type { Placement } from "../src/core/placement.js";
import { resolveCluster } from "../src/formats/resolve-cluster.js";
import type { ClusterFile } from "../src/formats/cluster-schema.js";
import { createNodePorts } from "../src/node/node-ports.js";
import { UNCONSTRAINED } from "../src/planner/problem/problem.js";
import { formatTable } from "../src/report/table.js";
import { plan } from "../src/serving/plan/plan.js";
import { randomCluster } from "./random-clusters.js";

// Plans of random clusters that any one machine lost must leave a share of; every single loss is looked at with the flow
// of the re-check, which shares nothing with the search. What it costs is beside it.
// node build/bench/survive.js [--clusters 100] [--seconds 6] [--floor 0.5] [--losses 1] [--from 1]
const { values } = parseArgs({
  options: {
    clusters: { type: "string", default: "100" },
    seconds: { type: "string", default: "6" },
    floor: { type: "string", default: "0.5" },
    losses: { type: "string", default: "1" },
    from: { type: "string", default: "1" },
  },
});
const [clusters, seconds, floor, losses, from] = [
  values.clusters,
  values.seconds,
  values.floor,
  values.losses,
  values.from,
].map(Number) as [number, number, number, number, number];
const ports = createNodePorts();

/** The least that is left without one node. */
function leastLeft(cluster: Cluster, placement: Placement): number {
  const rates = Float64Array.from(placement, (interval, node) =>
    interval === null
      ? 0
      : machineOf(cluster, node).capacity.tokensPerSecond[interval[1] - interval[0] - 1]!,
  );
  return placement.reduce((least, interval, lost) => {
    if (interval === null) return least;
    const left = placement.map((each, node) => (node === lost ? null : each));
    return Math.min(least, findMostFlow(cluster, left, rates, true));
  }, Infinity);
}

const counts = { kept: 0, broken: 0, impossible: 0, "not found": 0 };
const costs: number[] = [];
const rows: string[][] = [];
for (let seed = from; seed < from + clusters; seed++) {
  const kind = seed % 2 === 0 ? "mixed" : "thin";
  const file = randomCluster(seed, kind) as unknown as ClusterFile;
  const cluster = resolveCluster(file.name, file);
  const since = ports.now();
  const constraints = { ...UNCONSTRAINED, survive: { losses, floor } };
  const outcome = await plan(
    cluster,
    { constraints, timeLimitSeconds: seconds, threads: 2 },
    ports,
  );
  const row = [`${kind} ${seed}`, String(cluster.nodes.length)];
  if (outcome.kind === "planned") {
    const { throughput, survival, gap } = outcome.file;
    const left = leastLeft(cluster, outcome.placement);
    const keeps = losses > 1 || left >= floor * throughput * (1 - 1e-6);
    counts[keeps ? "kept" : "broken"] += 1;
    const without = survival!.without!.throughput;
    costs.push(1 - throughput / without);
    row.push(
      without.toFixed(1),
      throughput.toFixed(1),
      `${(100 * (1 - throughput / without)).toFixed(1)} %`,
      `${(100 * gap).toFixed(1)} %`,
      left.toFixed(1),
      keeps ? "kept" : "BROKEN",
    );
  } else {
    const word = outcome.kind === "infeasible" ? "impossible" : "not found";
    counts[word] += 1;
    row.push("–", "–", "–", "–", "–", word);
  }
  rows.push([...row, (ports.now() - since).toFixed(1)]);
  console.error(rows.at(-1)!.join("  "));
}
const columns = ["cluster", "nodes", "without", "with", "cost", "gap", "worst loss", "", "s"];
const right = (title: string, at: number) => ({ title, align: at > 0 ? "right" : "left" }) as const;
console.log(formatTable(columns.map(right), rows));
console.log(JSON.stringify(counts));
costs.sort((a, b) => a - b);
console.log(`cost in throughput: median ${(100 * (costs[costs.length >> 1] ?? 0)).toFixed(1)} %`);
process.exitCode = counts.broken > 0 ? 1 : 0;
