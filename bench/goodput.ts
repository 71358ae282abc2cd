/**
 * The steady-state model against the simulator, and its calibration.
 * npm run bench:build && export HELIX_REFERENCE=<folder>
 * node build/bench/goodput.js simulate <runs.jsonl> [layerwise decode-first]   simulates the pool, appends
 * node build/bench/goodput.js fit <runs.jsonl> <batching>          fits the constants to every other run
 * node build/bench/goodput.js table <runs.jsonl>                   prints errors, as Markdown
 */
import { appendFileSync, readFileSync } from "node:fs";
import { BATCHINGS, type BatchingName } from "../src/engines/helix/batchings.js";
import type { Cluster } from "../src/core/cluster.js";
import { findBatching } from "../src/engines/helix/batchings.js";
import type { Calibration } from "../src/engines/calibration.js";
import { measureRequests } from "../src/serving/served/request-means.js";
import { createGoodputModel, type GoodputEstimate } from "../src/serving/served/steady-state.js";
import type { LinkFlow } from "../src/planner/graph/evaluate-placement.js";
import type { Placement } from "../src/core/placement.js";
import { createRandom } from "../src/core/random.js";
import { loadSolver } from "../src/math/solver/load-solver.js";
import { poolClusters, poolOf } from "./goodput-pool.js";
import { minimise } from "./nelder-mead.js";
import { median } from "./median.js";
import { conversation, offline, usedLinks } from "./reference.js";
import { spearman } from "./spearman.js";

interface Run {
  readonly cluster: string;
  readonly name: string;
  readonly batching: BatchingName;
  readonly placement: Placement;
  readonly decode: number;
  readonly ttft: readonly [mean: number, p95: number];
  readonly tpot: readonly [mean: number, p95: number];
  readonly inFlight: number;
}

const WINDOW = { warmupSeconds: 600, durationSeconds: 900 };
const requests = measureRequests(conversation, createRandom(1));
const clusters = new Map(poolClusters().map((cluster) => [cluster.name, cluster]));
const [mode, file, ...rest] = process.argv.slice(2);

async function simulateAll(path: string, batchings: readonly BatchingName[]): Promise<void> {
  const solver = await loadSolver("highs");
  for (const cluster of clusters.values())
    for (const { name, placement } of poolOf(cluster, solver))
      for (const batching of batchings) {
        const result = offline(cluster, placement, { batching, ...WINDOW });
        const { timeToFirstToken: ttft, timePerOutputToken: tpot } = result;
        const run: Run = {
          cluster: cluster.name,
          name,
          batching,
          placement,
          decode: result.decodeTokensPerSecond,
          ttft: [ttft.mean, ttft.p95],
          tpot: [tpot.mean, tpot.p95],
          inFlight: result.meanInFlight,
        };
        appendFileSync(path, `${JSON.stringify(run)}\n`);
      }
}

const readRuns = (path: string): readonly Run[] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Run);

interface Prepared {
  readonly run: Run;
  readonly cluster: Cluster;
  readonly links: readonly LinkFlow[];
}

const prepare = (runs: readonly Run[]): readonly Prepared[] =>
  runs.map((run) => {
    const cluster = clusters.get(run.cluster)!;
    return { run, cluster, links: usedLinks(cluster, run.placement) };
  });

function estimateAll(
  cases: readonly Prepared[],
  calibration: Calibration,
): readonly GoodputEstimate[] {
  const models = new Map(
    [...clusters].map(([name, cluster]) => [
      name,
      createGoodputModel(cluster, requests, calibration),
    ]),
  );
  return cases.map(({ run, links }) => models.get(run.cluster)!.estimate(run.placement, links));
}

const FITTED = [
  "crowd",
  "byConcurrency",
  "byShare",
  "visit",
  "promptQueue",
  "promptLayer",
  "linkQueue",
  "linkCrowd",
  "promptWork",
  "promptDecodes",
] as const;

function fit(cases: readonly Prepared[], batching: BatchingName): Calibration {
  const start = findBatching(batching).calibration;
  const from = (at: readonly number[]): Calibration => ({
    ...start,
    ...Object.fromEntries(FITTED.map((name, index) => [name, Math.exp(at[index]!)])),
  });
  const loss = (at: readonly number[]): number => {
    const estimates = estimateAll(cases, from(at));
    const square = (ratio: number): number => Math.log(ratio) ** 2;
    return cases.reduce((sum, { run }, index) => {
      const one = estimates[index]!;
      return (
        sum +
        square(one.decodeTokensPerSecond / run.decode) +
        0.3 * square(one.timePerOutputToken.mean / run.tpot[0]) +
        0.2 * square(one.timeToFirstToken.mean / run.ttft[0])
      );
    }, 0);
  };
  let best: readonly number[] = FITTED.map((name) => Math.log(start[name]));
  for (const step of [0.5, 0.2]) best = minimise(loss, best, step, 150);
  const ratio = (of: (run: Run) => readonly [number, number]): number =>
    median(cases.map(({ run }) => of(run)[1] / of(run)[0]));
  const tails = {
    timeToFirstToken: ratio((run) => run.ttft),
    timePerOutputToken: ratio((run) => run.tpot),
  };
  return { ...from(best), tails };
}

function table(runs: readonly Run[], calibration?: Calibration): void {
  const percent = (errors: readonly number[]): string => `${(100 * median(errors)).toFixed(1)} %`;
  for (const { name: batching } of BATCHINGS) {
    const cases = prepare(runs.filter((run) => run.batching === batching));
    if (cases.length === 0) continue;
    const estimates = estimateAll(cases, calibration ?? findBatching(batching).calibration);
    console.log(
      `\n${batching}\n\n| cluster | placements | decode, median error | largest | Spearman | TTFT, median error | TPOT, median error |\n|---|---|---|---|---|---|---|`,
    );
    const line = (name: string, members: readonly number[], ranked: boolean): void => {
      const error = (
        model: (one: GoodputEstimate) => number,
        simulated: (run: Run) => number,
      ): number[] =>
        members.map((at) => Math.abs(model(estimates[at]!) / simulated(cases[at]!.run) - 1));
      const decode = error(
        (one) => one.decodeTokensPerSecond,
        (run) => run.decode,
      );
      const rho = spearman(
        members.map((at) => estimates[at]!.decodeTokensPerSecond),
        members.map((at) => cases[at]!.run.decode),
      );
      console.log(
        `| ${name} | ${members.length} | ${percent(decode)} | ${(100 * Math.max(...decode)).toFixed(0)} % | ${ranked ? rho.toFixed(3) : "–"} | ${percent(
          error(
            (one) => one.timeToFirstToken.mean,
            (run) => run.ttft[0],
          ),
        )} | ${percent(
          error(
            (one) => one.timePerOutputToken.mean,
            (run) => run.tpot[0],
          ),
        )} |`,
      );
    };
    const all = cases.map((_, at) => at);
    for (const name of clusters.keys()) {
      const members = all.filter((at) => cases[at]!.run.cluster === name);
      if (members.length > 0) line(name, members, true);
    }
    line("all", all, false);
    const held = all.filter((at) => at % 2 === 1);
    line("not fitted to", held, false);
  }
}

if (mode === "simulate" && file !== undefined)
  await simulateAll(file, rest.length > 0 ? (rest as BatchingName[]) : ["layerwise"]);
else if (mode === "fit" && file !== undefined) {
  const batching = rest[0] as BatchingName;
  const runs = readRuns(file).filter((run) => run.batching === batching);
  const calibration = fit(prepare(runs.filter((_, at) => at % 2 === 0)), batching);
  console.log(JSON.stringify(calibration, null, 2));
  table(runs, calibration);
} else if (mode === "table" && file !== undefined) table(readRuns(file));
else throw new Error("simulate, fit or table");
