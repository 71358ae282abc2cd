import { createRandom } from "../src/random.js";
import { createLengths } from "../src/simulate/lengths.js";
import { LENGTH_PRESETS } from "../src/simulate/length-presets.js";
import { simulate } from "../src/simulate/simulate.js";
import { OFFLINE } from "../src/simulate/traffic.js";
import type { Placement } from "../src/placement/placement.js";
import { flowOf, loadCluster, readReference } from "./reference.js";

const curves = readReference("profile-curves-llama-2-70b.json");
const file = readReference("helix-single24-llama-2-70b.cluster.json");
const cluster = loadCluster(file, curves);
const published = readReference("published-placements.json");
const lengths = createLengths(LENGTH_PRESETS, createRandom);
console.log(lengths.meanPromptTokens, lengths.meanOutputTokens);
const placement: Placement = file.nodes.map(
  (n: any) => published.layers["helix-single24-llama-2-70b"][n.id] ?? null,
);
let start = 0;
const chain: Placement = cluster.nodes.map((n) => {
  const name = cluster.machines[n.machine]!.name;
  const k = name === "a100" ? 8 : name === "l4" ? 3 : 2;
  start += k;
  return [start - k, start] as const;
});
for (const [name, p] of [
  ["helix", placement],
  ["chain", chain],
] as const)
  for (const solver of ["push", "dinic"] as const)
    for (const seed of [1, 2]) {
      const { throughput, links } = flowOf(cluster, p, false, solver);
      const t = process.cpuUsage().user;
      const r = simulate({
        cluster,
        placement: p,
        links,
        scheduler: "helix",
        batching: "layerwise",
        traffic: OFFLINE,
        lengths,
        seed,
        warmupSeconds: 60,
        durationSeconds: 600,
        stopAtEnd: true,
        highWaterMark: 0.85,
        outputRatio: 1,
        meanOutputTokens: 240,
      });
      console.log(
        name,
        solver,
        seed,
        throughput.toFixed(1),
        links.length,
        r.decodeTokensPerSecond.toFixed(1),
        r.timeToFirstToken.mean.toFixed(2),
        r.timePerOutputToken.mean.toFixed(2),
        r.requests,
        r.events,
        r.meanStages.toFixed(1),
        r.meanInFlight.toFixed(0),
        "cpu",
        (process.cpuUsage().user - t) / 1e6,
      );
    }
