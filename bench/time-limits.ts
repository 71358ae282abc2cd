import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { printTable } from "./print-table.js";
import { growthCluster } from "./growth-cluster.js";

// How long the whole process takes, against the --time-limit it was given, on the machine as it is or beside
// busy loops of its own that end with it.
// node build/bench/time-limits.js [--limits 2,5,20] [--burners 2] [--only flow,goodput]
const { values } = parseArgs({
  options: {
    limits: { type: "string", default: "2,5,20" },
    burners: { type: "string", default: "0" },
    only: { type: "string" },
    cli: { type: "string", default: join(process.cwd(), "dist/cli/main.js") },
  },
});
/** What a limit may be overstepped by: the larger of a share of it and seconds. */
const SHARE = 0.05;
const SECONDS = 2;
/** A process that takes this much longer is given up. */
const PATIENCE = 120;

const folder = mkdtempSync(join(tmpdir(), "time-limits-"));
const inFolder = (name: string, content: string | object): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

/** The cloud mix with that many times the machines. */
function enlarged(times: number): string {
  const file = JSON.parse(readFileSync("clusters/cloud-mix.json", "utf8")) as {
    nodes: { count?: number }[];
  };
  for (const node of file.nodes) node.count = (node.count ?? 1) * times;
  return inFolder(`cloud-mix-${times}.json`, file);
}

const MIX = "clusters/cloud-mix.json";
const FLEET = enlarged(8);
const GROWN = inFolder("growth-300.json", growthCluster(300, 4, 1));
const PRICES = ["--prices", "clusters/prices-example.json"];
const running = inFolder("running.json", planOf(MIX));

function planOf(cluster: string): string {
  const argv = [values.cli, cluster, "--iteration-limit", "1", "--quiet"];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** A command line without its limit. */
const CASES: readonly (readonly [name: string, ...argv: readonly string[]])[] = [
  ["flow, 42 nodes", "clusters/paper-42.json", "--gap", "0"],
  ["flow, 300 nodes", GROWN, "--gap", "0"],
  ["goodput", MIX, "--objective", "goodput"],
  ["goodput, ×8", FLEET, "--objective", "goodput"],
  ["served, chains", MIX, "--objective", "served", "--engine", "vllm"],
  ["served, ×8", FLEET, "--objective", "served", "--engine", "vllm"],
  ["served, helix", MIX, "--objective", "served"],
  ["latency", MIX, "--objective", "latency"],
  ["what-if, 2 scenarios on 2 threads", "what-if", MIX, "--add", "2xl4", "--gap", "0"],
  ["what-if --budget", "what-if", MIX, ...PRICES, "--budget", "40", "--gap", "0"],
  ["what-if --target", "what-if", MIX, ...PRICES, "--target", "3000", "--gap", "0"],
  ["pareto", "pareto", MIX],
  ["pareto, ×8", "pareto", FLEET],
  ["replan", "replan", MIX, running],
];

const burners: ChildProcess[] = [];
function burn(): void {
  // Each ends by itself after ten minutes, should this process be killed.
  const loop = "const end = Date.now() + 600000; while (Date.now() < end);";
  for (let at = 0; at < Number(values.burners); at++)
    burners.push(spawn(process.execPath, ["-e", loop], { stdio: "ignore" }));
}

interface Run {
  readonly seconds: number;
  readonly code: number | null;
  readonly err: string;
}

function runOnce(argv: readonly string[]): Promise<Run> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [values.cli, ...argv], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: PATIENCE * 1000,
      killSignal: "SIGKILL",
    });
    let err = "";
    child.stdout.resume(); // Node's "ignore" would look like a closed one
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("close", (code) =>
      resolve({ seconds: (performance.now() - started) / 1000, code, err }),
    );
  });
}

const rows: string[][] = [];
let overstepped = 0;
for (const [name, ...argv] of CASES) {
  if (values.only !== undefined && !values.only.split(",").some((part) => name.startsWith(part)))
    continue;
  for (const limit of values.limits.split(",").map(Number)) {
    // Burners are renewed for every run, so that none ends within one.
    burn();
    const { seconds, code, err } = await runOnce([...argv, "--time-limit", String(limit)]);
    for (const burner of burners.splice(0)) burner.kill();
    if (code === 2) {
      rows.push([name, String(limit), "–", "–", "–", err.split("\n")[0]!.slice(0, 60)]);
      break;
    }
    const over = seconds - limit;
    const holds = over <= Math.max(SHARE * limit, SECONDS);
    if (!holds) overstepped++;
    const ratio = (seconds / limit).toFixed(2);
    const end = code === 0 ? (holds ? "" : "overstepped") : `exit code ${code}`;
    rows.push([name, String(limit), seconds.toFixed(2), over.toFixed(2), ratio, end]);
  }
}
rmSync(folder, { recursive: true });
const figure = (title: string) => ({ title, align: "right" }) as const;
const columns = [
  { title: "command" },
  ...["limit, s", "took, s", "over, s", "ratio"].map(figure),
  { title: "" },
];
printTable(columns, rows);
process.stdout.write(`${overstepped} overstepped, with ${values.burners} busy loops beside\n`);
process.exitCode = overstepped > 0 ? 1 : 0;
