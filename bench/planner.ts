// Time to the first placement, to the published throughput, to the end; throughput, bound, gap, memory.
// Then how cost grows with the nodes.
//   node build/bench/planner.js [instances|growth|all] [seconds per plan = 20] [--repeat runs]
// Every plan runs in a process of its own; with --repeat the median of every figure.
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { printTable } from "./print-table.js";
import { growthCluster } from "./growth-cluster.js";
import { measurePlan, type Measured } from "./measure-plan.js";
import { REFERENCE } from "./reference.js";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { repeat: { type: "string", default: "1" } },
});
const [part = "all", secondsText = "20"] = positionals;
const timeLimitSeconds = Number(secondsText);
const runs = Number(values.repeat);

interface Instance {
  readonly name: string;
  readonly path: string;
  /** Tokens/s that the Helix paper publishes for its placement; Infinity = nothing published. */
  readonly published: number;
  readonly gap: number;
}

const INSTANCES: readonly Instance[] = [
  { name: "24 nodes, one region", path: "clusters/paper-24.json", published: 1289.6, gap: 1e-4 },
  { name: "42 nodes, 7 types", path: "clusters/paper-42.json", published: 4892.2, gap: 1e-4 },
  {
    name: "24 nodes, 3 regions",
    path: "clusters/paper-24-three-regions.json",
    published: 1212.2,
    gap: 1e-4,
  },
  {
    name: "24 nodes, 3 regions, as published",
    path: `${REFERENCE}/helix-distributed24-llama-2-70b.cluster.json`,
    published: 1212.2,
    gap: 1e-4,
  },
  {
    name: "4 A100, 30B",
    path: `${REFERENCE}/helix-a100x4-llama-30b.cluster.json`,
    published: 1044.5,
    gap: 1e-4,
  },
  {
    name: "12 T4, 30B",
    path: `${REFERENCE}/helix-t4x12-llama-30b.cluster.json`,
    published: 397.6,
    gap: 1e-4,
  },
  { name: "cloud mix", path: "clusters/cloud-mix.json", published: Infinity, gap: 1e-3 },
];

const RIGHT = { align: "right" as const };
const seconds = (time: number): string => (Number.isNaN(time) ? "–" : time.toFixed(2));

function measure(cluster: string, gap: number, published: number): Measured {
  return measurePlan({ cluster, gap, published, timeLimitSeconds, strategy: "portfolio" }, runs);
}

function benchInstances(): void {
  const rows = INSTANCES.filter(({ path }) => existsSync(path)).map((instance) => {
    const { name, path, published } = instance;
    const measured = measure(readFileSync(path, "utf8"), instance.gap, published);
    const { throughput } = measured;
    return [
      name,
      Number.isFinite(published) ? String(published) : "–",
      throughput.toFixed(2),
      Number.isFinite(published) ? (throughput / published).toFixed(2) : "–",
      measured.upperBound.toFixed(2),
      `${(100 * measured.gap).toFixed(3)} %`,
      measured.bound,
      seconds(measured.first),
      seconds(measured.published),
      seconds(measured.end),
      `${measured.megabytes.toFixed(0)} MB`,
    ];
  });
  printTable(
    [
      { title: "instance" },
      { title: "published", ...RIGHT },
      { title: "found", ...RIGHT },
      { title: "ratio", ...RIGHT },
      { title: "bound", ...RIGHT },
      { title: "gap", ...RIGHT },
      { title: "proven by" },
      { title: "first s", ...RIGHT },
      { title: "published s", ...RIGHT },
      { title: "end s", ...RIGHT },
      { title: "memory", ...RIGHT },
    ],
    rows,
  );
}

const SIZES = [10, 30, 100, 300, 1000, 3000, 10_000];

interface Point {
  readonly nodes: number;
  readonly end: number;
}

/** p in time ∼ nodes^p between two points. */
const exponent = (from: Point, to: Point): number =>
  Math.log(to.end / from.end) / Math.log(to.nodes / from.nodes);

function benchGrowth(regions: number): void {
  const points: Point[] = [];
  const rows = SIZES.map((nodes) => {
    const measured = measure(JSON.stringify(growthCluster(nodes, regions, 1)), 0.05, Infinity);
    const before = points.at(-1);
    const point = { nodes, end: measured.end };
    points.push(point);
    return [
      String(nodes),
      String(regions),
      seconds(measured.first),
      seconds(measured.end),
      before === undefined ? "" : exponent(before, point).toFixed(2),
      measured.throughput.toFixed(0),
      `${(100 * measured.gap).toFixed(2)} %`,
      measured.bound,
      `${measured.megabytes.toFixed(0)} MB`,
    ];
  });
  printTable(
    [
      { title: "nodes", ...RIGHT },
      { title: "regions", ...RIGHT },
      { title: "first s", ...RIGHT },
      { title: "end s", ...RIGHT },
      { title: "exponent", ...RIGHT },
      { title: "tokens/s", ...RIGHT },
      { title: "gap", ...RIGHT },
      { title: "proven by" },
      { title: "memory", ...RIGHT },
    ],
    rows,
  );
  console.log(`over the whole sweep: ${exponent(points[0]!, points.at(-1)!).toFixed(2)}\n`);
}

if (part === "all" || part === "instances") benchInstances();
if (part === "all" || part === "growth") {
  benchGrowth(1);
  benchGrowth(10);
}
