/**
 * Default plans against the rules that people and other projects go by, plans of a given depth and, from a folder,
 * placements that others' planners made, judged by the simulator with seeds that no planning has seen: what the plan
 * serves over what the best of them serves with the engine's own size of a step, and with the one that it serves most with, what no plan is above over the same, wall time over the limit, and how
 * far from the bound.
 *   node build/bench/served.js [--limit 60] [--depth-limit 0] [--peers DIR] [--seeds 1-20,35] [--most 40] [FILE…]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { clusterUnder } from "../src/engines/cluster-under.js";
import { loadCluster, plan } from "../src/index.js";
import { bestAtAnyStep, bestRivals, meanOf } from "./best-rival.js";
import { median } from "./median.js";
import { randomFleet } from "./random-fleets.js";
import { runOf } from "./serve-plan.js";

const { values, positionals } = parseArgs({
  options: {
    limit: { type: "string", default: "60" },
    "depth-limit": { type: "string", default: "0" },
    peers: { type: "string" },
    seeds: { type: "string", default: "" },
    most: { type: "string", default: "40" },
  },
  allowPositionals: true,
});
const ENGINES = ["vllm", "sglang", "llama.cpp", "parallax"] as const;
const limit = Number(values.limit);

interface Row {
  readonly name: string;
  readonly unlike: boolean;
  readonly ratio: number;
  /** The same without our own plans of less depth. */
  readonly overOthers: number;
  /** The same where the best rival, too, runs with the size of a step that it serves most with. */
  readonly overSized: number;
  /** What no plan is above, over what the best rival serves. */
  readonly most: number;
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
    `${rows.length} clusters: ratio ${of(ratios)}; of unlike machines ${of(unlike)}, ` +
      `over rivals at their best size of a step ${of(rows.filter((row) => row.unlike).map(({ overSized }) => overSized))}, ` +
      `of these without depths ${of(rows.filter((row) => row.unlike).map(({ overOthers }) => overOthers))}, where no plan is above ${of(rows.filter((row) => row.unlike).map(({ most }) => most))}; ` +
      `time over limit at most ${Math.max(...rows.map(({ timeRatio }) => timeRatio)).toFixed(3)}; ` +
      `gap median ${(100 * median(rows.map(({ gap }) => gap))).toFixed(1)} %`,
  );
}

async function judge(name: string, text: string): Promise<void> {
  const { cluster: whole } = loadCluster(name, text);
  const started = performance.now();
  const outcome = await plan(whole, { timeLimitSeconds: limit });
  const seconds = (performance.now() - started) / 1000;
  const rules = { depthSeconds: Number(values["depth-limit"]), peers: values.peers };
  const own = await bestRivals(whole, rules);
  const { best, byOthers } = own;
  const { best: sized } = await bestAtAnyStep(whole, own, rules);
  if (outcome.kind !== "planned") {
    const what = best === undefined ? "no rule does" : `${best.name} serves ${best.ranked}`;
    console.log(`${name}: ${outcome.kind}; ${what}`);
    return;
  }
  const { file, cluster } = outcome;
  const engine = clusterUnder(cluster, {}).chosen.engine;
  const served = meanOf(runOf(cluster, outcome.placement));
  const others = byOthers?.serve() ?? 0;
  const first = best === byOthers ? others : (best?.serve() ?? 0);
  // They are ranked by shorter runs, in which another may have been ahead.
  const rival = Math.max(first, others);
  const { name: by = "none" } = (others > first ? byOthers : best) ?? {};
  const most = sized === best ? first : (sized?.serve() ?? 0);
  const atBest = Math.max(most, rival);
  const { name: bySize = "none" } = most < rival ? { name: by } : (sized ?? {});
  const row: Row = {
    name,
    unlike: new Set(whole.nodes.map(({ machine }) => whole.machines[machine]!.name)).size > 1,
    ratio: rival === 0 ? 2 : served / rival,
    overOthers: others === 0 ? 2 : served / others,
    overSized: atBest === 0 ? 2 : served / atBest,
    most: rival === 0 ? 2 : (file.served?.bound ?? NaN) / rival,
    timeRatio: seconds / limit,
    gap: file.served?.gap ?? NaN,
  };
  rows.push(row);
  console.log(
    `${name}: ${whole.nodes.length} nodes, ${whole.model.name}, engine ${engine.name}: ` +
      `serves ${served.toFixed(1)} (said ${(file.served ?? { decodeTokensPerSecond: NaN }).decodeTokensPerSecond.toFixed(1)}), best rule ${rival.toFixed(1)} (${by}), ` +
      `ratio ${row.ratio.toFixed(3)} (${row.overOthers.toFixed(3)} without depths; ${row.overSized.toFixed(3)} over ${bySize}) of at most ${row.most.toFixed(3)}, ${seconds.toFixed(1)} s, gap ${(100 * row.gap).toFixed(1)} %`,
  );
}
