/**
 * Goodput plans against published placements and baselines, and batching policies, in our simulator.
 * HELIX_REFERENCE=<folder> node build/bench/goodput-bars.js <single24|distributed24|paper42|single24of30b> <placement.json>
 *   [policies [picture.svg]]   compares batching policies too, and draws how busy nodes are
 */
import { readFileSync, writeFileSync } from "node:fs";
import { placeBaseline } from "../src/planner/starts/baselines.js";
import type { Placement } from "../src/core/placement.js";
import { asFile } from "../src/report/chart/drawing.js";
import { drawLineChart } from "../src/report/chart/line-chart.js";
import { formatCount } from "../src/report/format-number.js";
import { placementOf, readPlacementFile } from "../src/formats/read-placement.js";
import type { BatchingName } from "../src/engines/helix/batchings.js";
import type { SimulationResult } from "../src/serving/simulate/result.js";
import { paperCluster } from "./goodput-clusters.js";
import { offline, publishedPlacement } from "./reference.js";

const [name, file, policies, picture] = process.argv.slice(2);
const cluster = paperCluster(name);
const planned = placementOf(cluster, readPlacementFile(file!, readFileSync(file!, "utf8")));
const SEEDS = [1, 2];
const STEADY = { warmupSeconds: 900, durationSeconds: 1500 };

function row(title: string, result: SimulationResult): void {
  const { timeToFirstToken: ttft, timePerOutputToken: tpot } = result;
  console.log(
    `| ${title} | ${result.decodeTokensPerSecond.toFixed(1)} ± ${result.decodeConfidence.toFixed(1)} | ${ttft.mean.toFixed(2)} | ${ttft.p95.toFixed(2)} | ${tpot.mean.toFixed(3)} | ${tpot.p95.toFixed(3)} | ${result.requestSeconds.mean.toFixed(0)} | ${result.meanInFlight.toFixed(0)} |`,
  );
}

console.log(
  `\n${cluster.name}\n\n| | decode/s | TTFT mean | p95 | TPOT mean | p95 | whole request | in flight |\n|---|---|---|---|---|---|---|---|`,
);
const baselines: (readonly [string, Placement])[] = [];
if (name !== "paper42" && name !== "single24of30b")
  baselines.push(["published", publishedPlacement(cluster)]);
for (const [baseline, seed] of [
  ["petals", 1],
  ["petals", 2],
  ["petals", 3],
  ["petals", 4],
  ["swarm", 1],
  ["separate-plus", 1],
] as const) {
  const outcome = placeBaseline(cluster, baseline, seed);
  if (outcome.kind === "placement") baselines.push([`${baseline} ${seed}`, outcome.placement]);
}
if (name === "single24")
  for (const [title, placement] of [baselines[0]!, ["planned", planned] as const])
    for (const seed of SEEDS)
      row(`${title}, paper's window, seed ${seed}`, offline(cluster, placement, { seed }));
for (const [title, placement] of [["planned", planned] as const, ...baselines])
  for (const seed of SEEDS)
    row(`${title}, seed ${seed}`, offline(cluster, placement, { ...STEADY, seed }));
const runs = new Map<string, SimulationResult>();
const compared: readonly (readonly [string, BatchingName, number | undefined])[] = [
  ["planned", "layerwise", undefined],
  ["planned, continuous", "continuous", undefined],
  ["planned, decode-first, 3 rounds", "decode-first", 3],
  ["planned, decode-first, 6 rounds", "decode-first", 6],
];
for (const [title, batching, decodeRounds] of policies === undefined ? [] : compared) {
  const result = offline(cluster, planned, {
    batching,
    ...(decodeRounds === undefined ? {} : { decodeRounds }),
    ...STEADY,
  });
  runs.set(title, result);
  row(title, result);
}
if (picture !== undefined) {
  const series = (title: string, run: string) => ({
    name: title,
    kind: "points" as const,
    points: runs
      .get(run)!
      .nodes.toSorted((a, b) => planned[a.node]![0] - planned[b.node]![0])
      .map(({ node, busy }) => ({
        x: planned[node]![0],
        y: Math.round(1000 * busy) / 10,
        label: `${title}, ${cluster.nodes[node]!.id}: ${(100 * busy).toFixed(1)} % busy`,
      })),
  });
  const chart = drawLineChart(
    `Share of time in which nodes of ${cluster.name} run a batch`,
    [series("layerwise", "planned"), series("decode-first", "planned, decode-first, 6 rounds")],
    {
      x: { label: "first layer held", format: formatCount },
      y: { label: "busy, %", format: formatCount },
    },
  );
  writeFileSync(picture, asFile(chart));
}
