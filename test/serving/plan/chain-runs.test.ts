import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { problemFor } from "../../../src/serving/served/problem-for.js";
import type { Placement } from "../../../src/core/placement.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { createChainRuns, sumKinds } from "../../../src/serving/plan/chain-runs.js";
import { replanLosses } from "../../../src/serving/plan/replan-losses.js";
import { describeLosses } from "../../../src/report/replan-summary.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";

/** One machine that serves much of its flow, and a pair with little memory left for KV, which serves little of its own. */
const cluster = resolveCluster("cluster.json", {
  format: "helix-place/cluster@1",
  name: "unlike-copies",
  model: "llama-3-8b",
  workload: { promptTokens: 760, outputTokens: 230 },
  engine: "vllm",
  machines: { big: { gpu: "A100-80GB", gpus: 1 }, small: { gpu: "T4", gpus: 1 } },
  nodes: [
    { id: "big", machine: "big" },
    { id: "small", machine: "small", count: 2 },
  ],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
});
const half = cluster.model.layers / 2;
const placement: Placement = [
  [0, 2 * half],
  [0, half],
  [half, 2 * half],
];

const problem = problemFor(cluster, {});
const without = (lost: number): Placement =>
  placement.map((held, node) => (node === lost ? null : held));

test("what a loss leaves is what a run of the chains left serves, not their share of the flow", () => {
  const runs = createChainRuns(problem, {})!;
  const serve = (lost: number): number => sumKinds(runs(cluster, without(lost))!);
  const whole = sumKinds(runs(cluster, placement)!);
  const window = { warmupSeconds: 600, durationSeconds: 1500, seed: 77 };
  const alone = simulatePlacement(cluster, without(0), window).result.decodeTokensPerSecond;
  expect(serve(0) / alone).toBeGreaterThan(0.97);
  expect(serve(0) / alone).toBeLessThan(1.03);
  expect(serve(1)).toBe(serve(2));
  expect(serve(0) + serve(1)).toBeCloseTo(whole, 6);
  // The flow would promise far more.
  const flow = (lost: number): number => measureThroughput(problem, without(lost));
  expect(serve(0) / whole).toBeLessThan(0.9 * (flow(0) / (flow(0) + flow(1))));
});

test("nothing is said where nobody can look", () => {
  expect(createChainRuns(problem, { engine: "helix" })).toBeUndefined();
  const stopped = createChainRuns(problem, { signal: AbortSignal.abort() })!;
  expect(stopped(cluster, placement)).toBeUndefined();
  expect(stopped(cluster, [null, [0, half], null])).toEqual([]);
});

test("an interrupt of replanning leaves what is served of what runs, and of what losses leave", async () => {
  const interrupt = new AbortController();
  const { served, losses } = await replanLosses(
    problem,
    placement,
    {
      objective: "served",
      timeLimitSeconds: 1,
      threads: 0,
      signal: interrupt.signal,
      onLoss: () => interrupt.abort(),
    },
    createInlinePorts(),
  );
  expect(served).toBeGreaterThan(0);
  const big = losses.find(({ name }) => name === "big")!;
  expect(big.served).toBeGreaterThan(0);
  expect(big.served).toBeLessThan(served!);
  expect(losses.every(({ after }) => after.kind === "not looked at")).toBe(true);
});

test("losses say what they are measured by, and which rows time cut short", async () => {
  const ports = createInlinePorts();
  let seconds = 0;
  // A clock that runs out in the midst of every search.
  const late = { ...ports, now: () => (seconds += 0.2) };
  const options = { objective: "served", threads: 0, timeLimitSeconds: 3 } as const;
  const chains = await replanLosses(problem, placement, options, late);
  expect(chains.measure).toBe("served");
  expect(describeLosses(1, chains)).not.toContain("are flow");
  expect(describeLosses(1, chains)).toContain(`with steps of ${chains.step!} tokens, as they are`);
  const replanned = chains.losses.filter(({ after }) => after.kind === "replanned");
  expect(replanned.length).toBeGreaterThan(0);
  for (const { after } of replanned) expect(after).toMatchObject({ cutShort: "time-limit" });
  expect(describeLosses(1, chains)).toContain("cut short by time (--time-limit): ");
  const impossible = (reason: string) => ({
    ...chains.losses[0]!,
    name: reason,
    after: { kind: "impossible" as const, reason: "too little room" },
  });
  const gone = { ...chains, losses: ["a", "b", "c", "d", "e", "f"].map(impossible) };
  const kind = chains.losses[0]!.kind;
  expect(describeLosses(1, gone)).toContain(
    `Impossible without ${kind} a, ${kind} b, ${kind} c, ${kind} d and 2 more: too little room.`,
  );
  expect(describeLosses(1, gone)).not.toContain("shared out");
  expect(describeLosses(1, { ...gone, partsStay: true })).toContain("cards shared out as they are");

  const apart = problemFor({ ...cluster, engine: { name: "parallax", from: "a test" } }, {});
  const signal = AbortSignal.abort();
  const flow = await replanLosses(apart, placement, { ...options, signal }, ports);
  expect(flow).toMatchObject({ measure: "flow", unsimulated: "parallax" });
  expect(flow.losses.every(({ after }) => !("cutShort" in after))).toBe(true);
  expect(describeLosses(1, flow)).toContain("Tokens/s are flow");
  expect(describeLosses(1, flow)).not.toContain("cut short");
});

test("what leaves least is replanned first, as there may be no time for all", async () => {
  const names: string[] = [];
  const options = {
    objective: "served",
    threads: 0,
    signal: AbortSignal.abort(),
    onLoss: ({ loss }: { readonly loss: { readonly name: string } }) => names.push(loss.name),
  } as const;
  const { losses } = await replanLosses(problem, placement, options, createInlinePorts());
  const left = names.map((name) => losses.find((loss) => loss.name === name)!.throughput);
  expect(left).toEqual(left.toSorted((a, b) => a - b));
  expect(left.length).toBeGreaterThan(2);
});

test("what is left where a machine is lost is left where a part of it is, though nobody had time to look", async () => {
  const boxes = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "boxes",
    model: "llama-3-8b",
    engine: "vllm",
    machines: { box: { gpu: "L4", gpus: 2, tensorParallel: 1 } },
    nodes: [{ id: "box", machine: "box", count: 2 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
  });
  const running: Placement = [
    [0, 16],
    [16, 32],
    [0, 16],
    [16, 32],
  ];
  let late = 0;
  const ports = createInlinePorts();
  const { losses } = await replanLosses(
    problemFor(boxes, {}),
    running,
    {
      threads: 0,
      timeLimitSeconds: 8,
      onLoss: ({ loss }) => {
        if (loss.kind === "machine") late = 1e6;
      },
    },
    { ...ports, now: () => ports.now() + late },
  );
  const machine = losses.find(({ kind, after }) => kind === "machine" && "throughput" in after)!;
  const parts = losses.filter(({ kind, name }) => kind === "node" && name.startsWith(machine.name));
  expect(parts).toHaveLength(2);
  for (const { after } of parts)
    expect(after).toEqual({ ...machine.after, bytesBound: 0, cutShort: "time-limit" });
});
