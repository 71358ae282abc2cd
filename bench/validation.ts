/**
 * Ours against the published figures of the Helix paper's simulator, as Markdown.
 * npm run bench:build && HELIX_REFERENCE=<folder> node build/bench/validation.js
 */
import type { Cluster } from "../src/core/cluster.js";
import { placeByPetals } from "../src/planner/starts/baseline-petals.js";
import { placeBySwarm } from "../src/planner/starts/baseline-swarm.js";
import type { BaselineOutcome } from "../src/planner/starts/baseline.js";
import type { LayerInterval, Placement } from "../src/core/placement.js";
import { createRandom } from "../src/core/random.js";
import { SCHEDULERS } from "../src/serving/routing/router.js";
import type { SimulationResult } from "../src/serving/simulate/result.js";
import type { SimulationInput } from "../src/serving/simulate/simulation-input.js";
import { OFFLINE } from "../src/serving/simulate/traffic.js";
import {
  arenaOf,
  placementFrom,
  REGIONS_HELIX_LINKS,
  REGIONS_PETALS_LAYERS,
  REGIONS_PETALS_LINKS,
  REGIONS_SWARM_FLOW,
  SCHEDULING_LAYERS,
  SCHEDULING_LINKS,
  SINGLE_HELIX_LINKS,
  SINGLE_SWARM_30B_STARTS,
  stagesArena,
  type Arena,
} from "./published-links.js";
import {
  chainOf,
  cluster30b,
  offline,
  online,
  publishedPlacement,
  referenceCluster,
  usedLinks,
} from "./reference.js";
import {
  conclusion,
  heading,
  orderRow,
  quantileRows,
  row,
  rows,
  throughputRow,
} from "./validation-table.js";

/** Runs of one figure: single ones lie up to a tenth apart, tails of latencies more. */
const SEEDS = 16;
const CURVES_70B = "profile-curves-llama-2-70b.json";
const CURVES_30B = "profile-curves-llama-30b.json";

type Changes = Partial<SimulationInput>;

const seeds = (run: (seed: number) => SimulationResult): SimulationResult[] =>
  Array.from({ length: SEEDS }, (_, at) => run(at + 1));
const rate = (run: SimulationResult): number => run.decodeTokensPerSecond;
const sums = (...parts: readonly (readonly SimulationResult[])[]): number[] =>
  parts[0]!.map((_, at) => parts.reduce((sum, runs) => sum + rate(runs[at]!), 0));
const placed = (outcome: BaselineOutcome): Placement => {
  if (outcome.kind === "impossible") throw new Error(outcome.reason);
  return outcome.placement;
};

/** Offline under the Helix scheduler, on the links that carry flow. */
function helixRuns({ cluster, placement, used }: Arena, changes: Changes = {}): SimulationResult[] {
  return seeds((seed) => offline(cluster, placement, { links: used, seed, ...changes }));
}

/** Offline under a scheduler that knows no flow, on all links. */
function blindRuns(
  { cluster, placement, links }: Arena,
  scheduler: SimulationInput["scheduler"],
  concurrency: number = OFFLINE.concurrency,
): SimulationResult[] {
  const traffic = { ...OFFLINE, concurrency };
  return seeds((seed) => offline(cluster, placement, { links, scheduler, traffic, seed }));
}

const single = referenceCluster("helix-single24-llama-2-70b", CURVES_70B);
const helix = arenaOf(single, publishedPlacement(single), SINGLE_HELIX_LINKS);

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

heading("Offline, the paper's window (60 s + 600 s), Helix scheduler", SEEDS);
const singleRuns = helixRuns(helix);
rows("70B, 24 nodes, published placement", singleRuns, [248.3, 3.09, 1.46]);
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

/** The three clusters of one machine type each that serve the 30B model: chains. */
function chain30b(cluster: Cluster, placement: Placement): Arena {
  const links = usedLinks(cluster, placement);
  return { cluster, placement, links, used: links };
}
const a100 = referenceCluster("helix-a100x4-llama-30b", CURVES_30B);
const l4 = cluster30b("helix-l4x8-llama-30b", Array<string>(8).fill("l4"));
const t4 = referenceCluster("helix-t4x12-llama-30b", CURVES_30B);
const eight = l4.nodes.map((_, node): LayerInterval => {
  const start = 7 * node + Math.max(0, node - 4);
  return [start, start + (node < 4 ? 7 : 8)];
});
const chains = [
  chain30b(a100, publishedPlacement(a100)),
  chain30b(l4, eight),
  chain30b(t4, publishedPlacement(t4)),
] as const;
const offline30b = chains.map((arena) => helixRuns(arena));
throughputRow("30B, 4 A100 + 8 L4 + 12 T4, each a chain", sums(...offline30b), 339.6);

heading("30B, machine type by machine type: the prototype on real machines, no simulator", SEEDS);
const prototype = [
  ["4 A100", 198.9, 0.358, 0.169],
  ["8 L4", 64.8, 1.001, 0.533],
  ["12 T4", 57.5, 2.405, 0.697],
] as const;
prototype.forEach(([name, decode, prompt, step], at) => {
  const runs = offline30b[at]!;
  row(`${name}: decode tok/s`, runs.map(rate), decode, 1);
  row(
    `${name}: mean prompt s`,
    runs.map((run) => run.timeToFirstToken.mean),
    prompt,
    2,
  );
  row(
    `${name}: mean decode s`,
    runs.map((run) => run.timePerOutputToken.mean),
    step,
    2,
  );
});

heading("Offline, the paper's window, other schedulers", SEEDS);
const regions = referenceCluster("helix-distributed24-llama-2-70b", CURVES_70B);
const singleSwarm = stagesArena(single, placed(placeBySwarm(single)));
const regionsSwarm = stagesArena(regions, placed(placeBySwarm(regions)));
const mixed30b = cluster30b(
  "helix-single24-llama-30b",
  single.nodes.map((node) => single.machines[node.machine]!.name),
);
const swarm30b = stagesArena(
  mixed30b,
  SINGLE_SWARM_30B_STARTS.map((start): LayerInterval => [start, start + 6]),
);
rows("70B, one region, Swarm", blindRuns(singleSwarm, "swarm"), [124.7]);
rows("70B, three regions, Swarm", blindRuns(regionsSwarm, "swarm"), [51.9]);
rows("30B, one region, Swarm, 50 requests", blindRuns(swarm30b, "swarm", 50), [151.6]);
const separate = [30, 25, 25].map((count, at) => blindRuns(chains[at]!, "random", count));
throughputRow("30B, separate pipelines, 30 + 25 + 25 requests", sums(...separate), 309);

heading("Offline at steady state (900 s to 2400 s)", SEEDS);
const steady = helixRuns(helix, { warmupSeconds: 900, durationSeconds: 1500 });
rows("70B, 24 nodes, published placement", steady, [226.6]);

heading("Placements on three regions, offline, Helix scheduler", SEEDS);
const regionsHelix = arenaOf(regions, publishedPlacement(regions), REGIONS_HELIX_LINKS);
const petals = placementFrom(regions, REGIONS_PETALS_LAYERS);
const regionsRuns = helixRuns(regionsHelix);
const petalsRuns = helixRuns(arenaOf(regions, petals, REGIONS_PETALS_LINKS));
const swarmRuns = helixRuns(arenaOf(regions, regionsSwarm.placement, REGIONS_SWARM_FLOW));
rows("published placement", regionsRuns, [98]);
rows("Petals", petalsRuns, [66.6]);
rows("Swarm, the artifact's maximum flow", swarmRuns, [41.6]);
row("Swarm, our maximum flow: decode tok/s", helixRuns(regionsSwarm).map(rate), 41.6, 1);

heading("Schedulers on three regions, offline", SEEDS);
const scheduling = arenaOf(regions, placementFrom(regions, SCHEDULING_LAYERS), SCHEDULING_LINKS);
const theirs = { helix: 99.8, random: 87.4, "shortest-queue": 83.6, swarm: 81.7 };
const byScheduler = new Map(
  SCHEDULERS.map((scheduler) => {
    const runs = scheduler === "helix" ? helixRuns(scheduling) : blindRuns(scheduling, scheduler);
    return [scheduler, runs] as const;
  }),
);
for (const scheduler of SCHEDULERS)
  rows(scheduler, byScheduler.get(scheduler)!, [theirs[scheduler]]);

/** 1,800 s without a warm-up. */
function onlineRuns(arena: Arena, tokensPerSecond: number, changes: Changes): SimulationResult[] {
  const { cluster, placement } = arena;
  return seeds((seed) => online(cluster, placement, tokensPerSecond, { seed, ...changes }));
}

heading("Online, 1,800 s, no warm-up, 70B, one region", SEEDS);
const onlineHelix = onlineRuns(helix, 700, { links: helix.used });
rows("Helix at 700 tok/s", onlineHelix, [141.6]);
quantileRows(
  "Helix at 700 tok/s",
  onlineHelix,
  [0.8, 1.38, 2.64, 3.52, 4.41],
  [0.56, 0.76, 0.98, 1.67, 3.19],
);
const onlineSwarm = onlineRuns(singleSwarm, 350, { links: singleSwarm.links, scheduler: "swarm" });
rows("Swarm at 350 tok/s", onlineSwarm, [69.8]);
quantileRows(
  "Swarm at 350 tok/s",
  onlineSwarm,
  [0.95, 1.7, 3.32, 4.04, 5.01],
  [0.57, 0.82, 1.04, 1.59, 2.51],
);

heading("Online, 1,800 s, no warm-up, 70B, three regions", SEEDS);
const geoHelix = onlineRuns(regionsHelix, 320, { links: regionsHelix.used });
rows("Helix at 320 tok/s", geoHelix, [59.3]);
quantileRows(
  "Helix at 320 tok/s",
  geoHelix,
  [1.5, 2.63, 5.79, 7.53, 9.41],
  [0.6, 0.79, 0.93, 2.34, 7.72],
);
const geoSwarm = onlineRuns(regionsSwarm, 160, { links: regionsSwarm.links, scheduler: "swarm" });
rows("Swarm at 160 tok/s", geoSwarm, [31]);
quantileRows(
  "Swarm at 160 tok/s",
  geoSwarm,
  [2.11, 3.96, 7.22, 10.71, 14.83],
  [0.77, 0.97, 1.23, 2.39, 6.5],
);

heading("Stages per request, 70B on 24 nodes", SEEDS);
const stagesRow = (name: string, runs: readonly SimulationResult[], published: number): void =>
  row(
    name,
    runs.map((run) => run.meanStages),
    published,
    1,
    0.1,
  );
stagesRow("Helix", singleRuns, 16.1);
stagesRow(
  "Petals (ours, a shuffle per seed)",
  seeds((seed) => offline(single, placed(placeByPetals(single, createRandom(seed))), { seed })),
  12.1,
);
stagesRow("Swarm", onlineSwarm, 20);

console.log("\n### Orderings\n");
orderRow("placements, one region", [
  ["13 stages", thirteenRuns.map(rate)],
  ["published", singleRuns.map(rate)],
  ["chain", chainRuns.map(rate)],
]);
orderRow("placements, three regions", [
  ["published", regionsRuns.map(rate)],
  ["Petals", petalsRuns.map(rate)],
  ["Swarm", swarmRuns.map(rate)],
]);
orderRow(
  "schedulers",
  (["helix", "random", "shortest-queue", "swarm"] as const).map(
    (name) => [name, byScheduler.get(name)!.map(rate)] as const,
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
console.log(conclusion());
