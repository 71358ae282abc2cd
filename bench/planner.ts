import { existsSync, readFileSync } from "node:fs";
import { loadCluster, plan, type PlanOutcome, type SearchProgress } from "../src/index.js";
import { formatTable } from "../src/report/table.js";
import { growthCluster } from "./growth-cluster.js";

// Per instance: time to the first placement, to the published objective, the end. Then how cost grows.
// node build/bench/planner.js [instances|growth] [seconds per plan] [runs]

const [, , part = "all", secondsText = "20", runsText = "1"] = process.argv;
const seconds = Number(secondsText);
const runs = Number(runsText);

interface Instance {
  readonly name: string;
  readonly path: string;
  /** Tokens/s that the Helix paper publishes for its placement. */
  readonly published: number;
  readonly gap: number;
}

const reference = "../shared/reference/helix-";
const INSTANCES: readonly Instance[] = [
  { name: "24 nodes, one region", path: "clusters/paper-24.json", published: 1289.6, gap: 1e-4 },
  { name: "42 nodes, 7 types", path: "clusters/paper-42.json", published: 4892.2, gap: 1e-4 },
  {
    name: "24 nodes, 3 regions",
    path: `${reference}distributed24-llama-2-70b.cluster.json`,
    published: 1212.2,
    gap: 1e-4,
  },
  {
    name: "4 A100, 30B",
    path: `${reference}a100x4-llama-30b.cluster.json`,
    published: 1044.5,
    gap: 1e-4,
  },
  {
    name: "12 T4, 30B",
    path: `${reference}t4x12-llama-30b.cluster.json`,
    published: 397.6,
    gap: 1e-4,
  },
];

interface Measured {
  readonly outcome: PlanOutcome;
  readonly wall: number;
  readonly first: number;
  readonly published: number;
}

async function measure(text: string, gap: number, published: number): Promise<Measured> {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  let first = NaN;
  let reached = NaN;
  const onProgress = (progress: SearchProgress): void => {
    if (progress.event !== "incumbent") return;
    if (Number.isNaN(first)) first = elapsed();
    if (Number.isNaN(reached) && (progress.throughput ?? 0) >= published) reached = elapsed();
  };
  const { cluster } = loadCluster("instance", text);
  const outcome = await plan(cluster, { gap, timeLimitSeconds: seconds, onProgress });
  return { outcome, wall: elapsed(), first, published: reached };
}

async function benchInstances(): Promise<void> {
  const rows: string[][] = [];
  for (const instance of INSTANCES.filter((entry) => existsSync(entry.path))) {
    const text = readFileSync(instance.path, "utf8");
    const all: Measured[] = [];
    for (let run = 0; run < runs; run++) {
      all.push(await measure(text, instance.gap, instance.published));
    }
    const median = all.sort((a, b) => a.wall - b.wall)[Math.floor(all.length / 2)]!;
    if (median.outcome.kind !== "planned") {
      rows.push([instance.name, median.outcome.kind]);
      continue;
    }
    const { throughput, upperBound, gap, bound } = median.outcome.file;
    rows.push([
      instance.name,
      String(instance.published),
      throughput.toFixed(2),
      (throughput / instance.published).toFixed(2),
      upperBound.toFixed(2),
      `${(100 * gap).toFixed(3)} %`,
      bound,
      median.first.toFixed(2),
      median.published.toFixed(2),
      median.wall.toFixed(2),
    ]);
  }
  const right = { align: "right" as const };
  console.log(
    formatTable(
      [
        { title: "instance" },
        { title: "published", ...right },
        { title: "found", ...right },
        { title: "ratio", ...right },
        { title: "bound", ...right },
        { title: "gap", ...right },
        { title: "proven by" },
        { title: "first s", ...right },
        { title: "published s", ...right },
        { title: "end s", ...right },
      ],
      rows,
    ),
  );
}

const SIZES = [10, 30, 100, 300, 1000, 3000, 10_000];

async function benchGrowth(regions: number): Promise<void> {
  const rows: string[][] = [];
  let before: { readonly nodes: number; readonly wall: number } | undefined;
  for (const nodes of SIZES) {
    const text = JSON.stringify(growthCluster(nodes, regions, 1));
    const { outcome, wall, first } = await measure(text, 0.05, Infinity);
    const exponent =
      before === undefined ? NaN : Math.log(wall / before.wall) / Math.log(nodes / before.nodes);
    before = { nodes, wall };
    const file = outcome.kind === "planned" ? outcome.file : undefined;
    rows.push([
      String(nodes),
      String(regions),
      first.toFixed(2),
      wall.toFixed(2),
      Number.isNaN(exponent) ? "" : exponent.toFixed(2),
      file?.throughput.toFixed(0) ?? outcome.kind,
      `${(100 * (file?.gap ?? 1)).toFixed(2)} %`,
      file?.bound ?? "",
      `${Math.round(process.memoryUsage().rss / 1e6)} MB`,
    ]);
  }
  const right = { align: "right" as const };
  console.log(
    formatTable(
      [
        { title: "nodes", ...right },
        { title: "regions", ...right },
        { title: "first s", ...right },
        { title: "end s", ...right },
        { title: "exponent", ...right },
        { title: "tokens/s", ...right },
        { title: "gap", ...right },
        { title: "proven by" },
        { title: "memory", ...right },
      ],
      rows,
    ),
  );
}

if (part === "all" || part === "instances") await benchInstances();
if (part === "all" || part === "growth") {
  await benchGrowth(1);
  await benchGrowth(10);
}
