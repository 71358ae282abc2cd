/**
 * What it gives to let the planner choose how the cards of machines work together: the same cluster with
 * "tensorParallel" as "whole", as "auto" and as every fixed degree, planned under the same limit and served in
 * the simulator with seeds that no plan has seen.
 * With --objective flow it is the flow that is compared, and the gap is that of "auto" to its bound.
 * node build/bench/parts.js --steps 2 [--seconds 20] [--objective flow] [--cases 1-14] [--fleets 1-20] [cluster.json ...]
 * --cases: those of bench/part-cases.ts, by number.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../src/core/errors.js";
import { listDegrees } from "../src/core/parting.js";
import { chooseEngine } from "../src/engines/choose-engine.js";
import { resolveCluster } from "../src/formats/resolve-cluster.js";
import { createNodePorts } from "../src/node/node-ports.js";
import { plan, type PlanOutcome } from "../src/serving/plan/plan.js";
import { serveChains } from "../src/serving/served/chains/serve-chains.js";
import { listChains } from "../src/serving/simulate/chains/chain.js";
import { evaluateOpen } from "../src/planner/problem/measure-throughput.js";
import { problemFor } from "../src/serving/served/problem-for.js";
import { listPartCases } from "./part-cases.js";
import { randomFleet } from "./random-fleets.js";

const SEEDS = [9001, 9002, 9003];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string" },
    seconds: { type: "string" },
    fleets: { type: "string" },
    cases: { type: "string" },
    machines: { type: "string", default: "8" },
    objective: { type: "string", default: "served" },
  },
});

type Asked = "auto" | "whole" | number;

const byFlow = values.objective === "flow";

/** Decode tokens/s of the plan, or its flow; NaN where there is none. */
interface Served {
  readonly asked: Asked;
  readonly decode: number;
  readonly spread: number;
  /** To the bound of the plan. */
  readonly gap: number;
  readonly seconds: number;
  readonly parts: string;
}

async function serve(document: object, asked: Asked): Promise<Served | undefined> {
  const { tensorParallel: _, ...rest } = document as { readonly tensorParallel?: unknown };
  const text = { ...rest, tensorParallel: asked };
  const none = { asked, decode: NaN, spread: NaN, gap: NaN, seconds: NaN, parts: "" };
  try {
    const cluster = resolveCluster("cluster.json", text);
    if (typeof asked === "number" && !isDegree(document, asked)) return undefined;
    const started = performance.now();
    const outcome = await plan(
      cluster,
      {
        ...(values.steps === undefined ? {} : { iterationLimit: Number(values.steps) }),
        ...(values.seconds === undefined ? {} : { timeLimitSeconds: Number(values.seconds) }),
        threads: 0,
        objective: byFlow ? "flow" : "served",
      },
      createNodePorts(),
    );
    const seconds = (performance.now() - started) / 1000;
    if (outcome.kind !== "planned") return { ...none, seconds };
    const { file } = outcome;
    const runs = byFlow ? [file.throughput] : SEEDS.map((seed) => simulateFresh(outcome, seed));
    const decode = runs.reduce((a, b) => a + b, 0) / runs.length;
    const spread = (Math.max(...runs) - Math.min(...runs)) / decode;
    const gap = byFlow ? file.gap : (file.served?.gap ?? NaN);
    return { asked, decode, spread, gap, seconds, parts: describeParts(outcome) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return none;
  }
}

/** Whether some machine can have parts of this degree. */
function isDegree(document: object, degree: number): boolean {
  const { parting } = resolveCluster("cluster.json", { ...document, tensorParallel: "auto" });
  return parting !== undefined && listDegrees(parting).includes(degree);
}

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

function simulateFresh({ cluster, placement }: Planned, seed: number): number {
  const { engine } = chooseEngine(cluster, {});
  const { batching } = engine;
  const { carried } = evaluateOpen(problemFor(cluster, {}), placement);
  const links = carried.links.filter(({ flow }) => flow > 1e-9 * carried.throughput);
  const chains = listChains(placement, links).chains.map(({ nodes }) => ({
    nodes,
    layers: nodes.map((node) => placement[node]!),
  }));
  if (batching.kind !== "chain") return NaN;
  const run = { seed, asked: {} };
  const served = serveChains(
    problemFor(cluster, {}),
    placement,
    chains,
    { ...engine, batching },
    run,
  );
  return served.decodeTokensPerSecond;
}

function describeParts({ cluster, placement }: Planned): string {
  const counts = new Map<string, number>();
  cluster.nodes.forEach(({ machine }, node) => {
    const { name } = cluster.machines[machine]!;
    if (placement[node] !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

const readRange = (text = "1-0"): readonly number[] => {
  const [from = 1, to = from] = text.split("-").map(Number);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
};
const cases = listPartCases();
const documents: readonly (readonly [string, object])[] = [
  ...readRange(values.cases).map((at) => cases[at - 1]!),
  ...positionals.map(
    (path) => [basename(path, ".json"), JSON.parse(readFileSync(path, "utf8")) as object] as const,
  ),
  ...readRange(values.fleets).map((seed) => {
    const fleet = randomFleet(seed, { mostMachines: Number(values.machines) });
    return [`fleet ${seed}`, fleet] as const;
  }),
];
console.log(
  "| cluster | auto | whole | 1 | 2 | 4 | 8 | auto / best other | gap | seconds | parts |",
);
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
for (const [name, document] of documents) {
  const rows: (Served | undefined)[] = [];
  for (const asked of ["auto", "whole", 1, 2, 4, 8] as const)
    rows.push(await serve(document, asked));
  const auto = rows[0]!;
  const best = Math.max(...rows.slice(1).map((row) => row?.decode || 0));
  const cells = rows.map((row) =>
    row === undefined || !(row.decode > 0) ? "–" : row.decode.toFixed(1),
  );
  const seconds = rows.map((row) => row?.seconds.toFixed(0) ?? "–").join(" / ");
  const spread = Math.max(...rows.map((row) => row?.spread || 0));
  console.log(
    `| ${name} | ${cells.join(" | ")} | ${(auto.decode / best).toFixed(3)} ± ${spread.toFixed(3)} | ${(100 * auto.gap).toFixed(2)} % | ${seconds} | ${auto.parts} |`,
  );
}
