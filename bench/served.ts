/**
 * Default plans against the rules that people and other projects go by, judged by the simulator with seeds that no
 * planning has seen: what the plan serves over what the best rule serves, wall time over the limit, and how
 * far from the bound.
 *   node build/bench/served.js [--limit 60] [--seeds 1-20,35] [--most 40] [FILE…]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { partCluster, listDegrees, uniformPartition } from "../src/core/parting.js";
import type { Cluster } from "../src/core/cluster.js";
import type { Placement } from "../src/core/placement.js";
import type { ChainBatching, Engine } from "../src/engines/engine.js";
import { clusterUnder } from "../src/engines/cluster-under.js";
import { loadCluster, plan } from "../src/index.js";
import { chooseLengths } from "../src/model/choose-lengths.js";
import { evaluateOpen } from "../src/planner/problem/measure-throughput.js";
import { decodeShare } from "../src/serving/served/bound-served.js";
import { createChainRates } from "../src/serving/served/chains/chain-rates.js";
import { problemFor } from "../src/serving/served/problem-for.js";
import { simulatePlacement } from "../src/serving/simulate/simulate-placement.js";
import { median } from "./median.js";
import { randomFleet } from "./random-fleets.js";
import { chainsOf, linksOf, NODE_WINDOW, runOf, serveFleet, type FleetRun } from "./serve-plan.js";
import { listRivals, type RivalChain } from "./served-rivals.js";

const { values, positionals } = parseArgs({
  options: {
    limit: { type: "string", default: "60" },
    seeds: { type: "string", default: "" },
    most: { type: "string", default: "40" },
  },
  allowPositionals: true,
});
const ENGINES = ["vllm", "sglang", "llama.cpp", "parallax"] as const;
const RANKING_SEED = 4001;
const limit = Number(values.limit);

interface Row {
  readonly name: string;
  readonly unlike: boolean;
  readonly ratio: number;
  readonly timeRatio: number;
  readonly gap: number;
}

const rows: Row[] = [];
for (const path of positionals) await judge(path, readFileSync(path, "utf8"));
const seeds = values.seeds.split(",").flatMap((range) => {
  const [first, last = first] = range.split("-").map(Number);
  return range === "" ? [] : Array.from({ length: last! - first! + 1 }, (_, at) => first! + at);
});
for (const seed of seeds) {
  const engine = ENGINES[seed % ENGINES.length]!;
  const file = { ...randomFleet(seed, { mostMachines: Number(values.most) }), engine };
  await judge(`fleet ${seed} ${engine}`, JSON.stringify(file));
}
const ratios = rows.map(({ ratio }) => ratio);
if (rows.length > 0) {
  const unlike = rows.filter((row) => row.unlike).map(({ ratio }) => ratio);
  const of = (list: readonly number[]): string =>
    list.length === 0
      ? "none"
      : `min ${Math.min(...list).toFixed(3)}, median ${median(list).toFixed(3)}`;
  console.log(
    `${rows.length} clusters: ratio ${of(ratios)}; of unlike machines ${of(unlike)}; ` +
      `time over limit at most ${Math.max(...rows.map(({ timeRatio }) => timeRatio)).toFixed(3)}; ` +
      `gap median ${(100 * median(rows.map(({ gap }) => gap))).toFixed(1)} %`,
  );
}

async function judge(name: string, text: string): Promise<void> {
  const { cluster: whole } = loadCluster(name, text);
  const started = performance.now();
  const outcome = await plan(whole, { timeLimitSeconds: limit });
  const seconds = (performance.now() - started) / 1000;
  const best = bestRival(whole);
  if (outcome.kind !== "planned") {
    const what = best === undefined ? "no rule does" : `${best.name} serves ${best.served}`;
    console.log(`${name}: ${outcome.kind}; ${what}`);
    return;
  }
  const { file, cluster } = outcome;
  const engine = clusterUnder(cluster, {}).chosen.engine;
  const served = serve(runOf(cluster, outcome.placement));
  const rival = best === undefined ? 0 : best.serve();
  const row: Row = {
    name,
    unlike: new Set(whole.nodes.map(({ machine }) => whole.machines[machine]!.name)).size > 1,
    ratio: rival === 0 ? 2 : served / rival,
    timeRatio: seconds / limit,
    gap: file.served?.gap ?? NaN,
  };
  rows.push(row);
  console.log(
    `${name}: ${whole.nodes.length} nodes, ${whole.model.name}, engine ${engine.name}: ` +
      `serves ${served.toFixed(1)} (said ${(file.served ?? { decodeTokensPerSecond: NaN }).decodeTokensPerSecond.toFixed(1)}), best rule ${rival.toFixed(1)} (${best?.name ?? "none"}), ` +
      `ratio ${row.ratio.toFixed(3)}, ${seconds.toFixed(1)} s, gap ${(100 * row.gap).toFixed(1)} %`,
  );
}

interface Judged {
  readonly name: string;
  readonly served: number;
  /** In runs of the whole placement. */
  serve(): number;
}

/** The rule whose placement serves most, however cards of machines work together. */
function bestRival(whole: Cluster): Judged | undefined {
  let best: Judged | undefined;
  for (const { label, cluster } of partitionsOf(whole)) {
    const { engine } = clusterUnder(cluster, {}).chosen;
    const judges = createJudge(cluster, engine);
    const seen = new Set<string>();
    for (const { name, placement, chains } of listRivals(cluster)) {
      const key = JSON.stringify(placement);
      if (seen.has(key)) continue;
      seen.add(key);
      const own = judges(placement, chains, best?.served ?? 0);
      if (own === undefined || own.served <= (best?.served ?? 0)) continue;
      best = { name: `${name}${label}`, ...own };
    }
  }
  return best;
}

function partitionsOf(whole: Cluster): readonly { label: string; cluster: Cluster }[] {
  const { parting } = whole;
  if (parting === undefined) return [{ label: "", cluster: whole }];
  const { engine } = clusterUnder(whole, {}).chosen;
  const degrees = engine.tensorParallel === "none" ? [1] : listDegrees(parting);
  return degrees.map((degree) => {
    const parted = partCluster(whole, uniformPartition(parting, degree));
    const equal = engine.tensorParallel === "equal" ? { equalDegrees: true as const } : {};
    return { label: `, TP ${degree}`, cluster: clusterUnder({ ...parted, ...equal }, {}).cluster };
  });
}

type Judge = (
  placement: Placement,
  chains: readonly RivalChain[] | undefined,
  least: number,
) => Omit<Judged, "name"> | undefined;

/** Ranks by trials of single pipelines; only what shares nodes between pipelines is run as a whole. */
function createJudge(cluster: Cluster, engine: Engine): Judge {
  const lengths = chooseLengths(cluster.workload);
  const rates = createChainRates(cluster, engine, lengths, { seed: RANKING_SEED });
  const problem = problemFor(cluster, {});
  return (placement, known, least) => {
    const { links, throughput } = evaluateOpen(problem, placement).carried;
    if (decodeShare(cluster) * throughput <= least) return undefined;
    const chains = known ?? chainsOf(placement, links);
    if (chains.length === 0) {
      if (isOfChains(engine)) return undefined;
      const trial = { links, seed: RANKING_SEED, ...NODE_WINDOW };
      const { decodeTokensPerSecond } = simulatePlacement(cluster, placement, trial).result;
      const run = { cluster, placement, chains: [], links };
      return { served: decodeTokensPerSecond, serve: () => serve(run) };
    }
    const most = chains.reduce((sum, chain) => sum + rates.atMost(chain), 0);
    if (most <= least) return undefined;
    const serving = chains.filter((chain) => rates.of(chain) > 0);
    const served = serving.reduce((sum, chain) => sum + rates.of(chain), 0);
    const own = serving.flatMap((chain) => linksOf(chain, rates.of(chain)));
    return { served, serve: () => serve({ cluster, placement, chains: serving, links: own }) };
  };
}

/** Mean of runs with fresh seeds, decode tokens/s. */
function serve(run: FleetRun): number {
  const runs = serveFleet(run);
  return runs.reduce((sum, each) => sum + each, 0) / runs.length;
}

function isOfChains(engine: Engine): engine is Engine & { readonly batching: ChainBatching } {
  return engine.batching.kind === "chain";
}
