import { loadCluster } from "../src/formats/load-cluster.js";
import { plan } from "../src/node/library.js";
import { randomCluster, type ClusterKind } from "./random-clusters.js";

/**
 * Gaps of the whole planner on random clusters.
 *   node build/bench/random-gaps.js FIRST LAST [SECONDS = 20] [GAP = 0.001] [KIND = mixed | thin]
 * One line per seed, then share closed, median, 90th percentile and worst by number of regions.
 */
const [first, last, seconds = 20, gap = 0.001] = process.argv.slice(2, 6).map(Number);
const kind: ClusterKind = process.argv[6] === "thin" ? "thin" : "mixed";
if (first === undefined || last === undefined) throw new Error("usage: random-gaps FIRST LAST");

interface Outcome {
  readonly seed: number;
  readonly regions: number;
  readonly gap: number;
}

const outcomes: Outcome[] = [];
for (let seed = first; seed <= last; seed++) {
  const { cluster } = loadCluster(`seed ${seed}`, JSON.stringify(randomCluster(seed, kind)));
  const regions = cluster.regions.length;
  const result = await plan(cluster, { timeLimitSeconds: seconds, gap });
  const label = `${seed}\t${cluster.nodes.length} nodes\t${regions} regions`;
  if (result.kind !== "planned") {
    console.log(`${label}\t${result.kind}`);
    if (result.kind === "not-found") outcomes.push({ seed, regions, gap: 1 });
    continue;
  }
  const { file } = result;
  const finder = file.solve.strategies.map(({ strategy }) => strategy).at(-1) ?? "";
  outcomes.push({ seed, regions, gap: file.gap });
  console.log(
    [
      label,
      percent(file.gap),
      file.throughput.toFixed(1),
      `≤ ${file.upperBound.toFixed(1)} (${file.bound})`,
      `${file.solve.seconds.toFixed(1)} s`,
      finder,
    ].join("\t"),
  );
}

for (const regions of [...new Set(outcomes.map((o) => o.regions))].sort((a, b) => a - b)) {
  report(
    `${regions} regions`,
    outcomes.filter((o) => o.regions === regions),
  );
}
report("all", outcomes);

function report(label: string, of: readonly Outcome[]): void {
  const gaps = of.map((outcome) => outcome.gap).sort((a, b) => a - b);
  const quantile = (share: number): string =>
    percent(gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))] ?? 0);
  const closed = gaps.filter((share) => share <= gap).length / Math.max(1, gaps.length);
  console.log(
    `${label}: ${gaps.length} clusters, ${percent(closed)} closed, median ${quantile(0.5)}, p90 ${quantile(0.9)}, worst ${quantile(1)}`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
