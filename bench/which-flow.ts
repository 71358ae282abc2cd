/**
 * The maximum flow that spends least time on links against the one push-relabel happens to find, as
 * routing weights in the simulator, 300 s to 1,200 s offline, as Markdown.
 * npm run bench:build && HELIX_REFERENCE=<folder> node build/bench/which-flow.js <clusters|all> <seeds> [placements by pattern] [name=placement.json …]
 */
import { readFileSync } from "node:fs";
import type { Cluster } from "../src/core/cluster.js";
import type { LinkFlow } from "../src/planner/graph/evaluate-placement.js";
import type { Placement } from "../src/core/placement.js";
import { placementOf, readPlacementFile } from "../src/formats/read-placement.js";
import { loadSolver } from "../src/math/solver/load-solver.js";
import { poolClusters, poolOf } from "./goodput-pool.js";
import { anyFlow, carrying, offline, usedLinks } from "./reference.js";

const [wanted = "all", seedText = "1,2", pattern = "", ...plans] = process.argv.slice(2);
const seeds = seedText.split(",").map(Number);
const WINDOW = { warmupSeconds: 300, durationSeconds: 900 };

interface Served {
  readonly decode: number;
  readonly prompt: number;
  readonly step: number;
  readonly inFlight: number;
}

function serve(cluster: Cluster, placement: Placement, links: readonly LinkFlow[]): Served {
  const runs = seeds.map((seed) => offline(cluster, placement, { seed, links, ...WINDOW }));
  const mean = (of: (run: (typeof runs)[number]) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return {
    decode: mean((run) => run.decodeTokensPerSecond),
    prompt: mean((run) => run.timeToFirstToken.mean),
    step: mean((run) => run.timePerOutputToken.mean),
    inFlight: mean((run) => run.meanInFlight),
  };
}

function describe({ decode, prompt, step, inFlight }: Served): string {
  return `${decode.toFixed(1)} | ${prompt.toFixed(2)} | ${step.toFixed(2)} | ${inFlight.toFixed(0)}`;
}

const solver = await loadSolver("highs");
for (const cluster of poolClusters()) {
  if (wanted !== "all" && !wanted.split(",").includes(cluster.name)) continue;
  const placements = poolOf(cluster, solver)
    .filter(({ name }) => new RegExp(pattern).test(name))
    .map(({ name, placement }) => [name, placement] as const);
  for (const plan of plans) {
    const [name, path] = plan.split("=");
    if (name !== cluster.name) continue;
    const file = readPlacementFile(path!, readFileSync(path!, "utf8"));
    placements.push(["planned for flow", placementOf(cluster, file)]);
  }
  console.log(
    `\n${cluster.name}\n\n| | any: decode/s | TTFT | TPOT | in flight | quickest: decode/s | TTFT | TPOT | in flight | decode |\n|---|---|---|---|---|---|---|---|---|---|`,
  );
  let product = 1;
  for (const [name, placement] of placements) {
    const any = carrying(anyFlow(cluster, placement));
    const quickest = usedLinks(cluster, placement);
    const flows = (links: readonly LinkFlow[]): string =>
      JSON.stringify(links.map(({ from, to, flow }) => [from, to, flow.toFixed(6)]));
    const before = serve(cluster, placement, any);
    const after = flows(any) === flows(quickest) ? before : serve(cluster, placement, quickest);
    const change = after.decode / before.decode;
    product *= change;
    const percent = after === before ? "same flow" : `${(100 * (change - 1)).toFixed(1)} %`;
    console.log(`| ${name} | ${describe(before)} | ${describe(after)} | ${percent} |`);
  }
  const mean = product ** (1 / placements.length);
  console.log(`\nGeometric mean: ${(100 * (mean - 1)).toFixed(1)} %`);
}
