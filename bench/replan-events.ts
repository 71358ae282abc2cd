import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../src/core/random.js";
import type { LayerInterval } from "../src/core/placement.js";
import type { ClusterFile } from "../src/formats/cluster-schema.js";
import { resolveCluster } from "../src/formats/resolve-cluster.js";
import { createNodePorts } from "../src/node/node-ports.js";
import { countLoadBytes } from "../src/planner/change/load-bytes.js";
import { measureThroughput } from "../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../src/planner/problem/problem.js";
import { asFile } from "../src/report/chart/drawing.js";
import { drawLineChart, type Series } from "../src/report/chart/line-chart.js";
import { formatCount } from "../src/report/format-number.js";
import { plan } from "../src/serving/plan/plan.js";
import { replan } from "../src/serving/plan/replan.js";
import { growthCluster } from "./growth-cluster.js";
import { spellOutNodes } from "./replan-cases.js";

// A run of random events on 40 nodes (one leaves, one joins, one gets slower, one as fast as its kind again): replan after
// each, next to planning anew each time, which knows nothing of what runs. Bytes loaded so far and tokens/s after each.
// node build/bench/replan-events.js [--events 200] [--seconds 2] [--nodes 40] [--seed 1] [--pictures docs/images]
const { values } = parseArgs({
  options: {
    events: { type: "string", default: "200" },
    seconds: { type: "string", default: "2" },
    nodes: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    pictures: { type: "string" },
  },
});
const [events, seconds, size, seed] = [
  values.events,
  values.seconds,
  values.nodes,
  values.seed,
].map(Number) as [number, number, number, number];
const SLOWER = 0.6;

const random = createRandom(seed);
const ports = createNodePorts();
type Held = ReadonlyMap<string, LayerInterval>;

/** Every machine type also in its slower form. */
function withSlower(file: ClusterFile): ClusterFile {
  const slower = Object.entries(file.machines).map(([name, machine]) => {
    const { profile } = machine as unknown as { profile: { tokensPerSecond: number[] } };
    const tokensPerSecond = profile.tokensPerSecond.map((tokens) => SLOWER * tokens);
    return [`${name}-slower`, { ...machine, profile: { ...profile, tokensPerSecond } }] as const;
  });
  return { ...file, machines: { ...file.machines, ...Object.fromEntries(slower) } };
}

let file = withSlower(spellOutNodes(growthCluster(size, 2, seed) as ClusterFile));
const kinds = file.nodes;
let joined = 0;

/** What happens next, and its name. */
function happen(): string {
  const { nodes } = file;
  const any = nodes[random.int(nodes.length)]!;
  const kind = random.int(4);
  const instead = (machine: string): void => {
    file = { ...file, nodes: nodes.map((node) => (node === any ? { ...node, machine } : node)) };
  };
  if ((kind === 0 && nodes.length > 0.75 * size) || nodes.length > 1.25 * size) {
    file = { ...file, nodes: nodes.filter((node) => node !== any) };
    return `${any.id} leaves`;
  }
  if (kind < 2) {
    const id = `joined-${joined++}`;
    file = { ...file, nodes: [...nodes, { ...kinds[random.int(kinds.length)]!, id }] };
    return `${id} joins`;
  }
  const slow = any.machine.endsWith("-slower");
  instead(slow ? any.machine.slice(0, -"-slower".length) : `${any.machine}-slower`);
  return `${any.id} gets ${slow ? "faster" : "slower"}`;
}

interface Track {
  held: Held;
  bytes: number;
  readonly bytesAfter: number[];
  readonly flowAfter: number[];
}
const track = (): Track => ({ held: new Map(), bytes: 0, bytesAfter: [], flowAfter: [] });
const ours = track();
const anew = track();
let stayed = 0;

for (let at = 0; at <= events; at++) {
  const event = at === 0 ? "start" : happen();
  const cluster = resolveCluster(file.name, file);
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  for (const [each, changes] of [
    [ours, true],
    [anew, false],
  ] as const) {
    const held = cluster.nodes.map(({ id }) => each.held.get(id) ?? null);
    const limits = { timeLimitSeconds: at === 0 ? 5 * seconds : seconds, threads: 0, gap: 0.01 };
    const { gap: _, ...changeLimits } = limits;
    const outcome =
      changes && at > 0
        ? await replan(cluster, held, changeLimits, ports)
        : await plan(cluster, { ...limits, seed: seed + (changes ? 0 : at) }, ports);
    if (outcome.kind !== "planned" && outcome.kind !== "replanned") throw new Error(outcome.kind);
    const { placement } = outcome;
    const bytes = countLoadBytes(cluster.model, held).total(placement);
    if (at > 0) each.bytes += bytes;
    if (changes && bytes === 0) stayed += 1;
    each.bytesAfter.push(each.bytes / 1e12);
    each.flowAfter.push(measureThroughput(problem, placement));
    each.held = new Map(
      placement.flatMap((interval, node) =>
        interval === null ? [] : [[cluster.nodes[node]!.id, interval] as const],
      ),
    );
  }
  console.error(
    `${at} ${event}: ${cluster.nodes.length} nodes, replan ${ours.flowAfter[at]!.toFixed(0)} tokens/s and ${ours.bytesAfter[at]!.toFixed(3)} TB so far, anew ${anew.flowAfter[at]!.toFixed(0)} and ${anew.bytesAfter[at]!.toFixed(3)}`,
  );
}

const mean = (list: readonly number[]): number =>
  list.slice(1).reduce((sum, each) => sum + each, 0) / Math.max(1, list.length - 1);
const ratios = ours.flowAfter.map((flow, at) => flow / anew.flowAfter[at]!);
console.log(`${events} events on ${size} nodes, ${seconds} s each, seed ${seed}`);
console.log(
  `replan: ${ours.bytes / 1e9} GB in all, ${mean(ours.flowAfter).toFixed(1)} tokens/s on average; ${stayed} events without a byte`,
);
console.log(
  `anew: ${anew.bytes / 1e9} GB in all, ${mean(anew.flowAfter).toFixed(1)} tokens/s on average`,
);
console.log(
  `throughput of replan over that of planning anew: mean ${mean(ratios).toFixed(4)}, least ${Math.min(...ratios).toFixed(4)}`,
);

if (values.pictures !== undefined) {
  draw("events-bytes.svg", "Bytes loaded after so many events", "TB", "bytesAfter");
  draw("events-throughput.svg", "Throughput after each event", "tokens/s", "flowAfter");
}

function draw(name: string, title: string, unit: string, what: "bytesAfter" | "flowAfter"): void {
  const series = (label: string, each: Track): Series => ({
    name: label,
    kind: "steps",
    points: each[what].map((y, x) => ({ x, y: Number(y.toFixed(3)) })),
  });
  const chart = drawLineChart(title, [series("replan", ours), series("planning anew", anew)], {
    x: { label: "events", format: formatCount },
    y: { label: unit, format: formatCount },
  });
  writeFileSync(join(values.pictures!, name), asFile(chart));
}
