import { expect, test } from "vitest";
import { checkPlacement } from "../../../src/check/check-placement.js";
import { InputError } from "../../../src/core/errors.js";
import type { ClusterFile } from "../../../src/formats/cluster-schema.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { describeCarried } from "../../../src/report/plan-carried.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan, type PlanOptions } from "../../../src/serving/plan/plan.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Two cards that hold the model together. */
const file: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "steps",
  model: "llama-2-13b",
  workload: { promptTokens: 400, outputTokens: 40 },
  machines: { box: { gpu: "L4", gpus: 2, tensorParallel: 1 } },
  nodes: [{ id: "box", machine: "box" }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
};

const LIMITS = { iterationLimit: 1, threads: 0 } as const;

async function run(options: PlanOptions, engine?: ClusterFile["engine"]) {
  const cluster = resolveCluster("steps", engine === undefined ? file : { ...file, engine });
  const outcome = await plan(cluster, { ...LIMITS, ...options }, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome;
}

test("the size of a step is chosen by what is served with it, under a bound for all, and said beside what the engine's own serves", async () => {
  const { file: own } = await run({ chooseBatchTokens: false });
  const { file: chosen, cluster: under, placement } = await run({});
  const { batchTokens = 2048 } = chosen.engineSettings!;
  expect(batchTokens).toBeLessThan(2048);
  expect(own.engineSettings).toBeUndefined();
  expect(chosen.served!.engineStep).toEqual({
    batchTokens: 2048,
    decodeTokensPerSecond: servedBy(own),
  });
  // Something was gained, or the test shows nothing.
  expect(servedBy(chosen)).toBeGreaterThan(1.1 * servedBy(own));
  // A plan for that size alone serves no more, nor does one for half of it.
  for (const tokens of [batchTokens / 2, batchTokens]) {
    const { file: alone } = await run({ batchTokens: tokens });
    expect(servedBy(alone)).toBeLessThanOrEqual(1.01 * servedBy(chosen));
    expect(chosen.served!.bound!).toBeGreaterThanOrEqual(servedBy(alone));
  }
  expect(chosen.served!.gap).toBeCloseTo(1 - servedBy(chosen) / chosen.served!.bound!, 9);
  expect(chosen.upperBound).toBe(own.upperBound);
  expect(checkPlacement(under, chosen)).toEqual([]);
  const { result } = simulatePlacement(under, placement, {
    seed: 1,
    begins: "full",
    warmupSeconds: 100,
    durationSeconds: 400,
  });
  expect(result.decodeTokensPerSecond / servedBy(chosen)).toBeGreaterThan(0.97);
  expect(result.decodeTokensPerSecond / servedBy(chosen)).toBeLessThan(1.03);
});

test("sizes that serve alike, as the engine has too few requests at a time to fill them, do not end the look at smaller ones", async () => {
  const few = { ...file, engine: "llama.cpp", workload: { promptTokens: 200, outputTokens: 50 } };
  const cluster = resolveCluster("few", few as ClusterFile);
  const served = async (options: PlanOptions): Promise<number> => {
    const outcome = await plan(cluster, { ...LIMITS, ...options }, createInlinePorts());
    return outcome.kind === "planned" ? servedBy(outcome.file) : 0;
  };
  const own = await served({ chooseBatchTokens: false });
  expect(await served({ batchTokens: 1024 })).toBeLessThan(1.001 * own);
  const small = await served({ batchTokens: 128 });
  expect(small).toBeGreaterThan(1.02 * own);
  expect(await served({})).toBeGreaterThanOrEqual(0.999 * small);
});

test("the size that is chosen is planned for as if it were the only one: chains made for large steps may not be those that serve most", async () => {
  const home = resolveCluster("home", {
    ...file,
    workload: { promptTokens: 200, outputTokens: 100 },
    machines: {
      new: { gpu: "RTX 4090", nic: "10 Gb/s" },
      old: { gpu: "RTX 3090", nic: "10 Gb/s" },
      small: { gpu: "RTX 3060", nic: "1 Gb/s" },
    },
    nodes: ["new", "old", "small"].map((id) => ({ id, machine: id })),
  });
  const ports = createInlinePorts();
  const chosen = await plan(home, LIMITS, ports);
  if (chosen.kind !== "planned") throw new Error(chosen.kind);
  const { batchTokens } = chosen.file.engineSettings!;
  const alone = await plan(home, { ...LIMITS, batchTokens: batchTokens! }, ports);
  if (alone.kind !== "planned") throw new Error(alone.kind);
  expect(servedBy(chosen.file) / servedBy(alone.file)).toBeGreaterThan(0.99);
});

test("a size that somebody has set stays, unless a smaller one is asked for", async () => {
  const sized = { name: "vllm", batchTokens: 1024 } as const;
  const { file: own } = await run({}, sized);
  expect(own.engineSettings).toEqual({ batchTokens: 1024 });
  expect(own.served!.engineStep).toBeUndefined();
  expect((await run({ batchTokens: 1024 })).file.served).toEqual(own.served);
  const { file: chosen } = await run({ chooseBatchTokens: true }, sized);
  expect(chosen.engineSettings!.batchTokens).toBeLessThan(1024);
  expect(chosen.served!.engineStep).toEqual({
    batchTokens: 1024,
    decodeTokensPerSecond: servedBy(own),
  });
});

test("where nothing is served in chains, or nothing sets it, the size of a step is nobody's choice", async () => {
  const asked: readonly PlanOptions[] = [
    { objective: "flow" },
    { engine: "petals" },
    { engine: "exo" },
    { baseline: "swarm" },
  ];
  for (const options of asked) {
    await expect(run({ ...options, chooseBatchTokens: true })).rejects.toThrow(InputError);
  }
  expect((await run({ engine: "exo" })).file.engineSettings).toBeUndefined();
});

test("no size is tried when time is over, and the engine's own is planned for in most of it", async () => {
  let now = 0;
  const inline = createInlinePorts();
  const ports = { ...inline, now: () => (now += 0.05) };
  const cluster = resolveCluster("steps", file);
  const outcome = await plan(cluster, { threads: 0, timeLimitSeconds: 0.1 }, ports);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.served!.engineStep).toBeUndefined();
  expect(outcome.file.served!.stepsUntried).toBe("time-limit");
  const sizes = outcome.file.solve.strategies.filter(({ strategy }) =>
    strategy.startsWith("steps of"),
  );
  expect(sizes.map(({ strategy }) => strategy)).toEqual(["steps of 2048 tokens"]);
});

test("a smaller size that is chosen before all were tried is said to be that", async () => {
  let now = 0;
  const ports = { ...createInlinePorts(), now: () => (now += 0.0014) };
  const cluster = resolveCluster("steps", file);
  const outcome = await plan(cluster, { threads: 0, timeLimitSeconds: 1 }, ports);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.served!.engineStep!.batchTokens).toBe(2048);
  expect(outcome.file.served!.stepsUntried).toBe("time-limit");
  const said = describeCarried(cluster, outcome.file).join("\n");
  expect(said).toContain("chosen: steps of");
  expect(said).toContain("time was up before every smaller size");
});

test("in little time the size that shows most by hand is planned for, and the engine's own in brief", async () => {
  // A clock that goes on whenever it is read, on any machine: some 400 readings until the limit.
  let now = 0;
  const ports = { ...createInlinePorts(), now: () => (now += 0.01) };
  const cluster = resolveCluster("steps", file);
  const outcome = await plan(cluster, { threads: 0, timeLimitSeconds: 4 }, ports);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  const { engineSettings, served } = outcome.file;
  expect(engineSettings!.batchTokens).toBeLessThan(2048);
  const { file: own } = await run({ chooseBatchTokens: false });
  expect(served!.decodeTokensPerSecond).toBeGreaterThan(1.2 * servedBy(own));
});

test("an interrupt ends it with what there is, and no size is tried after it", async () => {
  const stop = new AbortController();
  const { file: plain } = await run({
    signal: stop.signal,
    onProgress: ({ event }) => {
      if (event === "served") stop.abort();
    },
  });
  expect(plain.termination).toBe("interrupted");
  expect(servedBy(plain)).toBeGreaterThan(0);
  expect(plain.engineSettings).toBeUndefined();
  const tried = plain.solve.strategies.filter(({ strategy }) => strategy.startsWith("steps of"));
  expect(tried).toHaveLength(1);
});

test("an interrupt while the engine's own step is planned for returns what a smaller one has shown by hand", async () => {
  let now = 0;
  const ports = { ...createInlinePorts(), now: () => (now += 0.01) };
  const stop = new AbortController();
  const cluster = resolveCluster("steps", file);
  const options = { threads: 0, timeLimitSeconds: 4, signal: stop.signal };
  const onProgress: PlanOptions["onProgress"] = ({ event }) => {
    if (event === "served") stop.abort();
  };
  const outcome = await plan(cluster, { ...options, onProgress }, ports);
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  const { termination, engineSettings, served } = outcome.file;
  expect(termination).toBe("interrupted");
  expect(engineSettings!.batchTokens).toBeLessThan(2048);
  expect(served!.decodeTokensPerSecond).toBeGreaterThan(
    1.05 * served!.engineStep!.decodeTokensPerSecond,
  );
  expect(checkPlacement(outcome.cluster, outcome.file)).toEqual([]);
});

function servedBy({ served }: PlacementFile): number {
  return served!.decodeTokensPerSecond;
}
