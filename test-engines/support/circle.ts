import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import type { SimulationReport } from "../../src/serving/simulate/simulate-placement.js";
import { startFront } from "./front.js";
import { asTrace, drawRequests, loadServer, type Seen } from "./load.js";
import { exportTiny, helixPlace, planTiny, writeHosts } from "./plan.js";
import { answers, waitUntil, type Started } from "./programs.js";

/** An engine that is measured, planned for, started by its exported scripts and loaded. */
export interface Circle {
  readonly engine: "llama.cpp" | "vllm";
  /** The model's description for the cluster file, and its name for the engine. */
  readonly config: string;
  readonly model: string;
  readonly layers: number;
  readonly measure: () => Promise<Benchmark>;
  /** Starts what the exported scripts of one chain say; ranks in stage order. */
  readonly start: (scripts: string, ranks: readonly string[]) => Promise<readonly Started[]>;
  readonly maxSequences: number;
  /** Means, tokens. */
  readonly request: readonly [prompt: number, output: number];
  /** Requests a second and how many of them, a light load and one that fills the engine. */
  readonly loads: readonly (readonly [perSecond: number, count: number])[];
  readonly splits: readonly (readonly number[])[];
}

/** What the engine's own benchmark says of the whole model. */
export interface Benchmark {
  /** Files for `import --vllm-bench`. */
  readonly results: readonly string[];
  /** Between two nodes, one way, in the engine's own protocol. */
  readonly latencySeconds: number;
}

/** One run: what was said before, and what came. */
export interface Compared {
  readonly split: string;
  readonly perSecond: number;
  readonly predicted: Seen;
  readonly measured: Seen;
  /** Of the whole machine, before the run. */
  readonly loadAverage: number;
}

const HOSTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3"] as const;
const API_PORT = 8123;
/** Blocks of 16 tokens: room for every request that may be under way, and more. */
const BLOCKS = 1024;

/** Measures, plans, starts and loads, split by split; measured anew before each, as a machine's load changes. */
export async function closeCircle(
  circle: Circle,
  folder: string,
  started: Started[],
): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  for (const split of circle.splits) {
    const place = join(folder, split.join("-"));
    mkdirSync(place);
    writeCluster(circle, split, { place, ...(await circle.measure()) });
    planTiny(place, circle.engine);
    writeHosts(place, HOSTS.slice(0, split.length), { 0: API_PORT });
    const scripts = join(exportTiny(place, circle.engine, circle.model), "chain-1");
    const ranks = split.map((_, rank) => `m${rank}`);
    const programs = await circle.start(scripts, ranks);
    const front = await startFront(exportTiny(place, "nginx", circle.model), place);
    started.push(...programs, front.program);
    await waitUntil(() => answers(`${front.url}/health`), programs, 900);
    const warm = drawRequests(2, 1, circle.request);
    await loadServer(front.url, circle.model, warm);
    for (const [perSecond, count] of circle.loads) {
      const requests = drawRequests(count, perSecond, circle.request);
      writeFileSync(join(place, "trace.csv"), asTrace(requests));
      compared.push({
        split: split.join(" + "),
        perSecond,
        predicted: simulateTrace(place),
        loadAverage: loadavg()[0]!,
        measured: await loadServer(front.url, circle.model, requests),
      });
    }
    await Promise.all([front.program, ...programs].map(({ stop }) => stop()));
  }
  return compared;
}

/** The cluster file with the curves that the import gives for the benchmark's results. */
function writeCluster(
  { config, model, engine, request, maxSequences, layers }: Circle,
  split: readonly number[],
  { place, results, latencySeconds }: Benchmark & { readonly place: string },
): void {
  const words = ["--model", config, "--layers", String(layers), "-o", "imported.json", "--quiet"];
  // A processor is no card of the catalogue: only the curves are taken over.
  helixPlace(["import", "--vllm-bench", ...results, "--gpu", "L4", ...words], place);
  const imported = JSON.parse(readFileSync(join(place, "imported.json"), "utf8")) as ClusterFile;
  const { profile } = Object.values(imported.machines)[0]!;
  const machines = Object.fromEntries(
    split.map((room, rank) => [
      `m${rank}`,
      { profile: { ...profile, kvBlocks: Array.from({ length: room }, () => BLOCKS) } },
    ]),
  );
  const link = (from: string, to: string): object => ({
    from,
    to,
    bandwidth: "10 Gb/s",
    latency: [from, to].includes("coordinator") ? "0.05 ms" : latencySeconds,
  });
  const nodes = Object.keys(machines);
  const names = ["coordinator", ...nodes, "coordinator"];
  const cluster = {
    ...imported,
    name: model.split("/").at(-1)!,
    engine: { name: engine, maxSequences },
    workload: { promptTokens: request[0], outputTokens: request[1] },
    machines,
    nodes: nodes.map((name) => ({ id: name, machine: name })),
    network: {
      links: [
        ...names.slice(1).map((to, at) => link(names[at]!, to)),
        link(nodes.at(-1)!, nodes[0]!),
      ],
    },
  };
  writeFileSync(join(place, "cluster.json"), JSON.stringify(cluster, null, 2));
}

function simulateTrace(place: string): Seen {
  const words = ["cluster.json", "plan.json", "--trace", "trace.csv", "--json", "--quiet"];
  const text = helixPlace(["simulate", ...words], place);
  const { result } = JSON.parse(text) as Pick<SimulationReport, "result">;
  return {
    decodeTokensPerSecond: result.decodeTokensPerSecond,
    firstTokenSeconds: result.timeToFirstToken.mean,
    tokenSeconds: result.timePerOutputToken.mean,
  };
}

/** For the documentation: a row per run, predicted, measured and how far apart. */
export function asTable(compared: readonly Compared[]): string {
  const cell = (of: (seen: Seen) => number, digits: number) => (row: Compared) => {
    const [said, came] = [of(row.predicted), of(row.measured)];
    const off = (100 * (said / came - 1)).toFixed(0);
    return `${said.toFixed(digits)} / ${came.toFixed(digits)} (${off} %)`;
  };
  const columns = [
    cell((seen) => seen.decodeTokensPerSecond, 1),
    cell((seen) => seen.firstTokenSeconds, 2),
    cell((seen) => seen.tokenSeconds, 4),
  ];
  const rows = compared.map(
    (row) =>
      `| ${row.split} | ${row.perSecond} | ${columns.map((column) => column(row)).join(" | ")} | ${row.loadAverage.toFixed(1)} |`,
  );
  return [
    "| split | requests/s | decode tokens/s, predicted / measured | TTFT, s | TPOT, s | load average |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
