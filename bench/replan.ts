import { resolveCluster } from "../src/formats/resolve-cluster.js";
import { matchRunning } from "../src/formats/match-running.js";
import { partedAs } from "../src/formats/parted-as.js";
import { createNodePorts } from "../src/node/node-ports.js";
import { UNCONSTRAINED } from "../src/planner/problem/problem.js";
import { printTable } from "./print-table.js";
import { plan } from "../src/serving/plan/plan.js";
import { replan, type ChangeReport } from "../src/serving/plan/replan.js";
import { listEvents, listReplanClusters } from "./replan-cases.js";

// What a change loads: replan, planning anew and repair by hand, after nodes were lost, added or drained.
// node build/bench/replan.js [seconds per change, 30] [seconds of the plan that runs, 20] [cluster; growth-1000-3: 1,000 nodes] [seed]

const [, , seconds = "30", before = "20", only = "", seed = "1"] = process.argv;
const ports = createNodePorts();

const COLUMNS = [
  "cluster",
  "event",
  "best",
  "replan",
  "GB",
  "bound",
  "gap",
  "anew GB",
  "by hand",
  "GB",
  "s",
].map((title, at) => ({ title, align: at < 2 ? ("left" as const) : ("right" as const) }));

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

function describe({ choices, best, bytes, bytesBound, bytesGap }: ChangeReport): string[] {
  const find = (name: string) => choices.find((choice) => choice.name === name);
  const hand = find("repair by hand");
  return [
    best.toFixed(1),
    (find("replan")?.throughput ?? 0).toFixed(1),
    gigabytes(bytes),
    gigabytes(bytesBound),
    `${(100 * bytesGap).toFixed(1)} %`,
    gigabytes(find("plan anew")?.bytes ?? 0),
    hand?.throughput.toFixed(1) ?? "–",
    hand === undefined ? "–" : gigabytes(hand.bytes),
  ];
}

const rows: string[][] = [];
for (const file of listReplanClusters(only)) {
  const today = resolveCluster(file.name, file);
  const options = { timeLimitSeconds: Number(before), gap: 0.001, threads: 2 };
  const running = await plan(today, options, ports);
  if (running.kind !== "planned") throw new Error(`${file.name}: ${running.kind}`);
  for (const { name, after, drained } of listEvents(file, Number(seed))) {
    // What runs says which cards work as one; by other names its nodes would hold nothing.
    const cluster = partedAs(file.name, resolveCluster(file.name, after), running.file);
    const { held } = matchRunning(file.name, cluster, running.file);
    const empty = new Set(
      [...cluster.nodes.keys()].filter((node) => {
        const { id, part } = cluster.nodes[node]!;
        return drained.includes(part === undefined ? id : cluster.hosts![part.host]!.id);
      }),
    );
    const constraints = { ...UNCONSTRAINED, drained: empty };
    const since = ports.now();
    const change = await replan(
      cluster,
      held,
      { timeLimitSeconds: Number(seconds), threads: 2, constraints },
      ports,
    );
    const took = (ports.now() - since).toFixed(0);
    const found = change.kind === "replanned" ? describe(change.report) : [change.kind];
    rows.push([file.name, name, ...found, took]);
    console.error(rows.at(-1)!.join("  "));
  }
}
printTable(COLUMNS, rows);
