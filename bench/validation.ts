/**
 * Ours against the published figures of the Helix paper's simulator, as Markdown.
 * npm run bench:build && HELIX_REFERENCE=<folder> node build/bench/validation.js
 *
 * With a file `published-links.json` in that folder (by instance the links, and for the scheduling
 * comparison the layers, of the artifact's own cluster files) those comparisons use the artifact's
 * links; without it, the links of our own maximum flow.
 */
import { existsSync, readFileSync } from "node:fs";
import { COORDINATOR, linkBetween, type Cluster, type Link } from "../src/cluster/cluster.js";
import { placeByPetals } from "../src/placement/baseline-petals.js";
import { placeBySwarm } from "../src/placement/baseline-swarm.js";
import type { BaselineOutcome } from "../src/placement/baseline.js";
import type { LayerInterval, Placement } from "../src/placement/placement.js";
import { createRandom } from "../src/random.js";
import { SCHEDULERS } from "../src/routing/router.js";
import type { SimulationResult } from "../src/simulate/result.js";
import {
  anyFlow,
  carrying,
  chainOf,
  l4Cluster,
  offline,
  online,
  publishedPlacement,
  REFERENCE,
  referenceCluster,
} from "./reference.js";

const SEEDS = [1, 2, 3, 4];
const CURVES_70B = "profile-curves-llama-2-70b.json";
const CURVES_30B = "profile-curves-llama-30b.json";

interface Instance {
  readonly layers?: Readonly<Record<string, LayerInterval>>;
  readonly links: readonly (readonly [from: string, to: string])[];
}

const published = `${REFERENCE}/published-links.json`;
const instances = existsSync(published)
  ? (JSON.parse(readFileSync(published, "utf8")) as Record<string, Instance>)
  : {};

function restrictLinks(cluster: Cluster, instance: Instance): Cluster {
  const index = new Map(cluster.nodes.map((node, at) => [node.id, at]));
  index.set("coordinator", COORDINATOR);
  const exceptions = new Map<number, Map<number, Link | undefined>>();
  for (const [from, to] of instance.links) {
    const [tail, head] = [index.get(from)!, index.get(to)!];
    exceptions.set(
      tail,
      (exceptions.get(tail) ?? new Map()).set(head, linkBetween(cluster, tail, head)),
    );
  }
  return {
    ...cluster,
    network: {
      byRegion: cluster.regions.map(() => cluster.regions.map(() => undefined)),
      exceptions,
    },
  };
}

interface Spread {
  readonly mean: number;
  readonly text: string;
}

function spread(values: readonly number[], digits: number): Spread {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { mean, text: `${mean.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})` };
}

const misses: string[] = [];

function row(
  name: string,
  ours: readonly number[],
  theirs: number,
  digits: number,
  limit: number,
): void {
  const { mean, text } = spread(ours, digits);
  const off = mean / theirs - 1;
  const holds = Math.abs(off) <= limit;
  if (!holds) misses.push(name);
  const percent = `${off >= 0 ? "+" : "−"}${Math.abs(100 * off).toFixed(1)} %`;
  console.log(`| ${name} | ${theirs} | ${text} | ${percent} | ${holds ? "yes" : "**no**"} |`);
}

function heading(title: string): void {
  console.log(
    `\n### ${title}\n\n| | published | ours, mean (range) of ${SEEDS.length} seeds | off | within |\n|---|---|---|---|---|`,
  );
}

function rows(
  name: string,
  runs: readonly SimulationResult[],
  [decode, prompt, step]: readonly [number, number?, number?],
): void {
  row(
    `${name}: decode tok/s`,
    runs.map((run) => run.decodeTokensPerSecond),
    decode,
    1,
    0.1,
  );
  if (prompt !== undefined)
    row(
      `${name}: mean prompt s`,
      runs.map((run) => run.timeToFirstToken.mean),
      prompt,
      2,
      0.15,
    );
  if (step !== undefined)
    row(
      `${name}: mean decode s`,
      runs.map((run) => run.timePerOutputToken.mean),
      step,
      2,
      0.15,
    );
}

const seeds = (run: (seed: number) => SimulationResult): SimulationResult[] => SEEDS.map(run);
const placed = (outcome: BaselineOutcome): Placement => {
  if (outcome.kind === "impossible") throw new Error(outcome.reason);
  return outcome.placement;
};
const decodeMean = (runs: readonly SimulationResult[]): number =>
  spread(
    runs.map((run) => run.decodeTokensPerSecond),
    1,
  ).mean;

const single = referenceCluster("helix-single24-llama-2-70b", CURVES_70B);
const helix = publishedPlacement(single);

/** Stages of nodes of one type, side by side. */
function stagesOf(
  plan: readonly (readonly [type: string, nodes: number, layers: number])[],
): Placement {
  const left = new Map<string, number[]>();
  single.nodes.forEach((node, at) => {
    const type = single.machines[node.machine]!.name;
    left.set(type, [...(left.get(type) ?? []), at]);
  });
  const placement: (LayerInterval | null)[] = single.nodes.map(() => null);
  let start = 0;
  for (const [type, nodes, layers] of plan) {
    for (const node of left.get(type)!.splice(0, nodes)) placement[node] = [start, start + layers];
    start += layers;
  }
  return placement;
}

heading("Offline, the paper's window (60 s + 600 s), Helix scheduler");
const helixRuns = seeds((seed) => offline(single, helix, { seed }));
rows("70B, 24 nodes, published placement", helixRuns, [248.3, 3.09, 1.46]);
const chain = chainOf(single, { a100: 8, l4: 3, t4: 2 });
const chainRuns = seeds((seed) => offline(single, chain, { seed }));
rows("70B, 24 nodes, chain of 24", chainRuns, [220.2, 3.69, 2.05]);
const thirteen = stagesOf([
  ...Array.from({ length: 6 }, () => ["t4", 2, 4] as const),
  ["l4", 2, 6],
  ["l4", 3, 7],
  ["l4", 3, 7],
  ...Array.from({ length: 4 }, () => ["a100", 1, 9] as const),
]);
const thirteenRuns = seeds((seed) => offline(single, thirteen, { seed }));
rows("70B, 24 nodes, 13 stages", thirteenRuns, [279.9, 2.54, 1.28]);
const a100 = referenceCluster("helix-a100x4-llama-30b", CURVES_30B);
const a100Runs = seeds((seed) => offline(a100, publishedPlacement(a100), { seed }));
rows("30B, 4 A100", a100Runs, [198.9]);
const l4 = l4Cluster(CURVES_30B);
let start = 0;
const l4Placement = l4.nodes.map((_, node): LayerInterval => {
  const held = node < 4 ? 7 : 8;
  start += held;
  return [start - held, start];
});
const l4Runs = seeds((seed) => offline(l4, l4Placement, { seed }));
rows("30B, 8 L4", l4Runs, [64.8]);
const t4 = referenceCluster("helix-t4x12-llama-30b", CURVES_30B);
const t4Runs = seeds((seed) => offline(t4, publishedPlacement(t4), { seed }));
rows("30B, 12 T4", t4Runs, [57.5]);
row(
  "30B, the three together: decode tok/s",
  SEEDS.map((_, at) =>
    [a100Runs, l4Runs, t4Runs].reduce((sum, runs) => sum + runs[at]!.decodeTokensPerSecond, 0),
  ),
  339.6,
  1,
  0.1,
);

const distributed = referenceCluster("helix-distributed24-llama-2-70b", CURVES_70B);
heading("Offline, the paper's window, Swarm placement and scheduler");
const ownSwarm = (cluster: Cluster): SimulationResult[] =>
  seeds((seed) => offline(cluster, placed(placeBySwarm(cluster)), { seed, scheduler: "swarm" }));
rows("70B, 24 nodes, one region", ownSwarm(single), [124.7]);
rows("70B, 24 nodes, three regions", ownSwarm(distributed), [51.9]);

heading("Offline at steady state (900 s to 2400 s)");
const steady = seeds((seed) =>
  offline(single, helix, { seed, warmupSeconds: 900, durationSeconds: 1500 }),
);
rows("70B, 24 nodes, published placement", steady, [226.6]);

heading("Placements on three regions, offline, Helix scheduler");
const named = instances[distributed.name];
const geo = named === undefined ? distributed : restrictLinks(distributed, named);
const petals = (seed: number): Placement => placed(placeByPetals(distributed, createRandom(seed)));
const swarmPlacement = placed(placeBySwarm(distributed));
const published24 = publishedPlacement(distributed);
const byAnyFlow = (cluster: Cluster, placement: Placement, seed: number): SimulationResult =>
  offline(cluster, placement, { seed, links: carrying(anyFlow(cluster, placement)) });
const geoRuns = seeds((seed) => byAnyFlow(geo, published24, seed));
const petalsRuns = seeds((seed) => byAnyFlow(distributed, petals(seed), seed));
const swarmRuns = seeds((seed) => byAnyFlow(distributed, swarmPlacement, seed));
rows("published placement", geoRuns, [98]);
rows("Petals (ours, a shuffle per seed)", petalsRuns, [66.6]);
rows("Swarm (ours)", swarmRuns, [41.6]);
console.log(
  `\nThe same placements, every link open, with the maximum flow that spends least time on links, as Helix schedules here:\n\n| | decode tok/s | mean prompt s | mean decode s |\n|---|---|---|---|`,
);
for (const [name, place] of [
  ["published placement", () => published24],
  ["Petals (ours, a shuffle per seed)", petals],
  ["Swarm (ours)", () => swarmPlacement],
] as const) {
  const runs = seeds((seed) => offline(distributed, place(seed), { seed }));
  const cells = [
    spread(
      runs.map((run) => run.decodeTokensPerSecond),
      1,
    ),
    spread(
      runs.map((run) => run.timeToFirstToken.mean),
      2,
    ),
    spread(
      runs.map((run) => run.timePerOutputToken.mean),
      2,
    ),
  ];
  console.log(`| ${name} | ${cells.map(({ text }) => text).join(" | ")} |`);
}

heading("Schedulers on three regions, offline");
const scheduling = instances["scheduling"];
const arena = scheduling === undefined ? distributed : restrictLinks(distributed, scheduling);
const arenaPlacement =
  scheduling?.layers === undefined
    ? publishedPlacement(distributed)
    : distributed.nodes.map((node) => scheduling.layers![node.id] ?? null);
const theirs = { helix: 99.8, random: 87.4, "shortest-queue": 83.6, swarm: 81.7 };
const byScheduler = new Map(
  SCHEDULERS.map((scheduler) => {
    const links = anyFlow(arena, arenaPlacement);
    const used = scheduling === undefined ? carrying(links) : links;
    return [
      scheduler,
      seeds((seed) => offline(arena, arenaPlacement, { seed, scheduler, links: used })),
    ] as const;
  }),
);
for (const scheduler of SCHEDULERS)
  rows(scheduler, byScheduler.get(scheduler)!, [theirs[scheduler]]);

function percentiles(
  name: string,
  runs: readonly SimulationResult[],
  prompt: readonly number[],
  step: readonly number[],
): void {
  const names = ["p5", "p25", "p50", "p75", "p95"] as const;
  names.forEach((quantile, at) =>
    row(
      `${name}: prompt ${quantile}, s`,
      runs.map((run) => run.timeToFirstToken[quantile]),
      prompt[at]!,
      2,
      0.15,
    ),
  );
  names.forEach((quantile, at) =>
    row(
      `${name}: decode ${quantile}, s`,
      runs.map((run) => run.timePerOutputToken[quantile]),
      step[at]!,
      2,
      0.15,
    ),
  );
}

heading("Online, 1,800 s, no warm-up, 70B on 24 nodes");
const onlineHelix = seeds((seed) => online(single, helix, 700, { seed }));
rows("Helix at 700 tok/s", onlineHelix, [141.6]);
percentiles(
  "Helix at 700 tok/s",
  onlineHelix,
  [0.8, 1.38, 2.64, 3.52, 4.41],
  [0.56, 0.76, 0.98, 1.67, 3.19],
);
const swarm = placed(placeBySwarm(single));
const onlineSwarm = seeds((seed) => online(single, swarm, 350, { seed, scheduler: "swarm" }));
rows("Swarm at 350 tok/s", onlineSwarm, [69.8]);
percentiles(
  "Swarm at 350 tok/s",
  onlineSwarm,
  [0.95, 1.7, 3.32, 4.04, 5.01],
  [0.57, 0.82, 1.04, 1.59, 2.51],
);

heading("Stages per request, 70B on 24 nodes");
row(
  "Helix",
  helixRuns.map((run) => run.meanStages),
  16.1,
  1,
  0.1,
);
row(
  "Petals (ours, a shuffle per seed)",
  seeds((seed) => offline(single, placed(placeByPetals(single, createRandom(seed))), { seed })).map(
    (run) => run.meanStages,
  ),
  12.1,
  1,
  0.1,
);
row(
  "Swarm",
  onlineSwarm.map((run) => run.meanStages),
  20,
  1,
  0.1,
);

console.log("\n### Orderings\n");
function order(name: string, values: readonly (readonly [string, number])[]): void {
  const holds = values.every(([, value], at) => at === 0 || values[at - 1]![1] > value);
  if (!holds) misses.push(name);
  console.log(
    `- ${name}: ${values.map(([label, value]) => `${label} ${value.toFixed(1)}`).join(" > ")}: ${holds ? "holds" : "**does not hold**"}`,
  );
}
order("placements, one region", [
  ["13 stages", decodeMean(thirteenRuns)],
  ["published", decodeMean(helixRuns)],
  ["chain", decodeMean(chainRuns)],
]);
order("placements, three regions", [
  ["published", decodeMean(geoRuns)],
  ["Petals", decodeMean(petalsRuns)],
  ["Swarm", decodeMean(swarmRuns)],
]);
order(
  "schedulers",
  (["helix", "random", "shortest-queue", "swarm"] as const).map(
    (name) => [name, decodeMean(byScheduler.get(name)!)] as const,
  ),
);

console.log(
  "\n### Where prompts wait, three regions: seconds on a node, from arriving to leaving, longest first\n",
);
for (const scheduler of SCHEDULERS) {
  const run = byScheduler.get(scheduler)![0]!;
  const longest = run.nodes
    .toSorted((a, b) => b.promptResidenceSeconds - a.promptResidenceSeconds)
    .slice(0, 5);
  console.log(
    `- ${scheduler}: ${longest.map((node) => `node ${node.node + 2} ${node.promptResidenceSeconds.toFixed(1)}`).join(", ")}`,
  );
}
console.log(
  `\n${misses.length} figures outside their limit${misses.length > 0 ? `: ${misses.join("; ")}` : ""}.`,
);
