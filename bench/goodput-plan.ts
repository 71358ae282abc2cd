/**
 * Plans one of the paper's clusters for goodput and writes the placement, for bench/goodput-bars.ts.
 * HELIX_REFERENCE=<folder> node build/bench/goodput-plan.js <single24|distributed24|paper42|single24of30b> <placement.json>
 *   [seconds = 60] [mean TPOT limit] [mean TTFT limit]
 */
import { writeFileSync } from "node:fs";
import { plan } from "../src/node/library.js";
import { paperCluster } from "./goodput-clusters.js";

const [name, file, seconds = "60", tpot, ttft] = process.argv.slice(2);
if (file === undefined) throw new Error("goodput-plan.js NAME FILE: where to write the placement");
const cluster = paperCluster(name);
const limits = {
  statistic: "mean" as const,
  ...(tpot === undefined ? {} : { maxTimePerOutputToken: Number(tpot) }),
  ...(ttft === undefined ? {} : { maxTimeToFirstToken: Number(ttft) }),
};
const started = performance.now();
const outcome = await plan(cluster, {
  objective: "goodput",
  timeLimitSeconds: Number(seconds),
  limits,
});
const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
if (outcome.kind === "planned") {
  writeFileSync(file, JSON.stringify(outcome.file));
  console.log(cluster.name, took, JSON.stringify(outcome.file.estimate));
} else console.log(cluster.name, took, JSON.stringify(outcome));
