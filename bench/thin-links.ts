import { loadCluster } from "../src/formats/load-cluster.js";
import { createNodePorts } from "../src/node/node-ports.js";
import { plan } from "../src/serving/plan/plan.js";
import { randomCluster } from "./random-clusters.js";

/**
 * Clusters whose links are thin: how close the bound comes, and whether the search depends on luck.
 *   node build/bench/thin-links.js FIRST LAST [PARTS = gap,seeds,short,long] [CLOCK = wall | processor] [SECONDS = 20]
 * - gap: SECONDS each, seed 1 of the search; the share closed (0.1 %), 90th percentile and worst, by regions;
 * - seeds: seeds 2 and 3 as long; how far the worst of the three is below the best;
 * - short: 6 and 60 s; how far 6 s are below 60 s;
 * - long: 100 s; how far they are below SECONDS.
 * One line per cluster as it goes, tables at the end. All parts take up to 226 s per cluster, gap alone 20 s.
 * "wall" is two threads and the clock, for a quiet machine. "processor" is one thread with twice the seconds, of
 * processor time: much the same work, whatever else runs on the machine.
 */
const [first, last] = process.argv.slice(2, 4).map(Number);
const parts = (process.argv[4] ?? "gap,seeds,short,long").split(",");
const byProcessor = process.argv[5] === "processor";
const usualSeconds = Number(process.argv[6] ?? 20);
if (first === undefined || last === undefined) throw new Error("usage: thin-links FIRST LAST");

interface Found {
  readonly gap: number;
  readonly throughput: number;
  readonly text: string;
}

interface Measured {
  readonly regions: number;
  readonly gap: number;
  readonly spread?: number;
  readonly short?: number;
  readonly long?: number;
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** One search: two threads and the clock, or one thread and twice as much processor time. */
async function search(cluster: number, seconds: number, seed: number): Promise<Found> {
  const loaded = loadCluster(`seed ${cluster}`, JSON.stringify(randomCluster(cluster, "thin")));
  const usual = createNodePorts();
  const ports = byProcessor
    ? { ...usual, now: processorSeconds, schedule: () => (): void => undefined }
    : usual;
  const timeLimitSeconds = byProcessor ? 2 * seconds : seconds;
  const threads = byProcessor ? 0 : 2;
  const options = { timeLimitSeconds, gap: 0.001, seed, threads };
  const result = await plan(loaded.cluster, options, ports);
  if (result.kind !== "planned") return { gap: 1, throughput: 0, text: result.kind };
  const { gap, throughput, upperBound, bound, solve } = result.file;
  const finder = solve.strategies.filter((entry) => entry.throughput !== undefined).at(-1);
  const share =
    solve.processorShare === undefined
      ? ""
      : ` (${percent(solve.processorShare)} of the processor)`;
  const text = `${throughput.toFixed(1)} ≤ ${upperBound.toFixed(1)} (${bound}) by ${finder?.strategy ?? "?"}${share}`;
  return { gap, throughput, text };
}

async function measure(cluster: number): Promise<Measured> {
  const { nodes } = randomCluster(cluster, "thin");
  const regions = new Set(nodes.map(({ region }) => region)).size;
  const throughputOf = async (seconds: number, seed = 1): Promise<number> =>
    (await search(cluster, seconds, seed)).throughput;
  const usual = await search(cluster, usualSeconds, 1);
  const label = [cluster, `${nodes.length} nodes`, `${regions} regions`];
  const lines: string[] = [];
  let measured: Measured = { regions, gap: usual.gap };
  if (parts.includes("seeds")) {
    const all = [
      usual.throughput,
      await throughputOf(usualSeconds, 2),
      await throughputOf(usualSeconds, 3),
    ];
    const spread = below(Math.min(...all), Math.max(...all));
    measured = { ...measured, spread };
    lines.push(`seeds ${percent(spread)}`);
  }
  if (parts.includes("short")) {
    const short = below(await throughputOf(6), await throughputOf(60));
    measured = { ...measured, short };
    lines.push(`6 below 60 s ${percent(short)}`);
  }
  if (parts.includes("long")) {
    const long = below(await throughputOf(100), usual.throughput);
    measured = { ...measured, long };
    lines.push(`100 below ${usualSeconds} s ${percent(long)}`);
  }
  console.log([...label, percent(usual.gap), usual.text, ...lines].join("\t"));
  return measured;
}

/** How far `value` is below `other`, as a share; negative where it is above. */
function below(value: number, other: number): number {
  return other === 0 ? 0 : (other - value) / other;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** The least value that so much of the list does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function shareOf(values: readonly number[], most: number): string {
  return percent(values.filter((value) => value <= most).length / Math.max(1, values.length));
}

function gapRow(label: string, of: readonly Measured[]): string {
  const gaps = of.map(({ gap }) => gap);
  const cells = [shareOf(gaps, 0.001), ...[0.5, 0.9, 1].map((s) => percent(quantile(gaps, s)))];
  return `| ${[label, of.length, ...cells].join(" | ")} |`;
}

function report(name: string, values: readonly (number | undefined)[], bar: number): void {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return;
  const worst = percent(quantile(known, 1));
  console.log(`${name}: within ${percent(bar)} in ${shareOf(known, bar)}, worst ${worst}`);
}

const all: Measured[] = [];
for (let cluster = first; cluster <= last; cluster++) all.push(await measure(cluster));

console.log("\n| regions | clusters | closed | median | 90th percentile | worst |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const regions of [...new Set(all.map((one) => one.regions))].sort((a, b) => a - b)) {
  const of = all.filter((one) => one.regions === regions);
  console.log(gapRow(String(regions), of));
}
console.log(gapRow("all", all));
report(
  "three seeds of the search",
  all.map(({ spread }) => spread),
  0.015,
);
report(
  "6 s below 60 s",
  all.map(({ short }) => short),
  0.015,
);
report(
  `100 s below ${usualSeconds} s`,
  all.map(({ long }) => long),
  0.005,
);
