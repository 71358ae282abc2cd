import { parseArgs } from "node:util";
import { findMostFlow } from "../src/check/most-flow.js";
import { linkBetween, machineOf, type Cluster } from "../src/core/cluster.js";
import type { Placement } from "../src/core/placement.js";
import { resolveCluster } from "../src/formats/resolve-cluster.js";
import type { ClusterFile } from "../src/formats/cluster-schema.js";
import { createNodePorts } from "../src/node/node-ports.js";
import { UNCONSTRAINED } from "../src/planner/problem/problem.js";
import { printTable } from "./print-table.js";
import { plan, type PlanOutcome } from "../src/serving/plan/plan.js";
import { randomCluster } from "./random-clusters.js";

// Plans of random clusters that any one machine lost must leave a share of; every single loss is looked at with the flow
// of the re-check, which shares nothing with the search. What it costs is beside it.
// With --chains as for engines whose nodes work in chains: what is left are the chains that the loss does not touch.
// node build/bench/survive.js [--clusters 100] [--seconds 6] [--floor 0.5] [--losses 1] [--from 1] [--chains]
const { values } = parseArgs({
  options: {
    clusters: { type: "string", default: "100" },
    seconds: { type: "string", default: "6" },
    floor: { type: "string", default: "0.5" },
    losses: { type: "string", default: "1" },
    from: { type: "string", default: "1" },
    chains: { type: "boolean", default: false },
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
type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

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

/**
 * The same where nodes work in chains: each chain carries what its slowest node and its thinnest link between nodes do. -1
 * where a node is in two chains, or a chain does not hold every layer once.
 */
function leastOfChains(cluster: Cluster, { placement, file }: Planned): number {
  const at = new Map(cluster.nodes.map(({ id }, node) => [id, node]));
  const chains = file.pipelines.map(({ stages }) => stages.map(({ node }) => at.get(node)!));
  const all = chains.flat();
  const whole = chains.every((chain) =>
    chain.every((node, stage) => {
      const border = stage === 0 ? 0 : placement[chain[stage - 1]!]![1];
      const ends = stage < chain.length - 1 || placement[node]![1] === cluster.model.layers;
      return placement[node]![0] === border && ends;
    }),
  );
  if (!whole || new Set(all).size < all.length) return -1;
  const flows = chains.map((chain) => {
    const rates = chain.map((node) => {
      const [start, end] = placement[node]!;
      return machineOf(cluster, node).capacity.tokensPerSecond[end - start - 1]!;
    });
    const links = chain.slice(1).map((node, before) => {
      const link = linkBetween(cluster, chain[before]!, node);
      return (link?.bandwidthBytesPerSecond ?? 0) / cluster.model.activationBytes;
    });
    return Math.min(...rates, ...links);
  });
  const left = all.map((lost) =>
    chains.reduce((sum, chain, of) => (chain.includes(lost) ? sum : sum + flows[of]!), 0),
  );
  return Math.min(...left);
}

const counts = { kept: 0, broken: 0, impossible: 0, "not found": 0 };
const costs: number[] = [];
const rows: string[][] = [];
for (let seed = from; seed < from + clusters; seed++) {
  const kind = seed % 2 === 0 ? "mixed" : "thin";
  const file = randomCluster(seed, kind) as unknown as ClusterFile;
  const cluster = resolveCluster(file.name, file);
  const since = ports.now();
  const chained = values.chains ? { chainsOnly: true } : {};
  const constraints = { ...UNCONSTRAINED, ...chained, survive: { losses, floor } };
  const outcome = await plan(
    cluster,
    { constraints, timeLimitSeconds: seconds, threads: 2 },
    ports,
  );
  const row = [`${kind} ${seed}`, String(cluster.nodes.length)];
  if (outcome.kind === "planned") {
    const { throughput, survival, gap } = outcome.file;
    const left = values.chains
      ? leastOfChains(cluster, outcome)
      : leastLeft(cluster, outcome.placement);
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
printTable(columns.map(right), rows);
console.log(JSON.stringify(counts));
costs.sort((a, b) => a - b);
console.log(`cost in throughput: median ${(100 * (costs[costs.length >> 1] ?? 0)).toFixed(1)} %`);
process.exitCode = counts.broken > 0 ? 1 : 0;
