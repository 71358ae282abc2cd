import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPlacement } from "../../src/check/check-placement.js";
import type { Cluster } from "../../src/core/cluster.js";
import type { LayerInterval } from "../../src/core/placement.js";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { createNodePorts } from "../../src/node/node-ports.js";
import { simulatePlacement } from "../../src/serving/simulate/simulate-placement.js";
import { plan } from "../../src/serving/plan/plan.js";

interface Layer {
  readonly bytes: number;
  readonly kvBytesPerToken: number;
  readonly kvWindow?: number;
  readonly stateBytes?: number;
}

interface Case {
  readonly layers: readonly Layer[];
  readonly embeddingBytes: number;
  readonly headBytes: number;
  /** Memory of each machine type, bytes; one type per entry, with its nodes. */
  readonly machines: readonly { readonly memory: number; readonly count: number }[];
}

const PROMPT = 100;
const OUTPUT = 50;
const REQUESTS = 4;
const GIGA = 1e9;

function load({ layers, embeddingBytes, headBytes, machines }: Case): Cluster {
  const file = {
    format: "helix-place/cluster@1",
    name: "unlike",
    model: { name: "unlike", activationBytes: 8192, layers, embeddingBytes, headBytes },
    workload: { promptTokens: PROMPT, outputTokens: OUTPUT },
    gpus: Object.fromEntries(
      machines.map(({ memory }, index) => [
        `card${index}`,
        { memory, bandwidth: "1000 GB/s", tflops: 100 + 50 * index },
      ]),
    ),
    memoryRule: { utilisation: 1, reserve: 0, minimumRequests: REQUESTS },
    machines: Object.fromEntries(
      machines.map((_, index) => [`m${index}`, { gpu: `card${index}` }]),
    ),
    nodes: machines.map(({ count }, index) => ({ id: `n${index}`, machine: `m${index}`, count })),
    network: { withinRegion: { bandwidth: "10 GB/s", latency: "0.1 ms" } },
  };
  return loadCluster("unlike.json", JSON.stringify(file)).cluster;
}

/** Bytes that a node needs for the layers [start, end), added up here and nowhere else. */
function needed(c: Case, start: number, end: number): number {
  let bytes = 0;
  for (const { bytes: weights, kvBytesPerToken, kvWindow, stateBytes } of c.layers.slice(
    start,
    end,
  )) {
    const kept = Math.min(PROMPT + OUTPUT, kvWindow ?? Infinity);
    bytes += weights + REQUESTS * (kept * kvBytesPerToken + (stateBytes ?? 0));
  }
  if (start === 0) bytes += c.embeddingBytes;
  if (end === c.layers.length) bytes += c.headBytes;
  return bytes;
}

/** Whether nodes can cover all layers, by trying every order of machine types and every border. */
function canCover(c: Case): boolean {
  const left = c.machines.map(({ count }) => count);
  const reach = (from: number): boolean => {
    if (from === c.layers.length) return true;
    return c.machines.some(({ memory }, type) => {
      if (left[type] === 0) return false;
      left[type]! -= 1;
      for (let end = c.layers.length; end > from; end--)
        if (needed(c, from, end) <= memory && reach(end)) {
          left[type]! += 1;
          return true;
        }
      left[type]! += 1;
      return false;
    });
  };
  return reach(0);
}

const layer = fc.record({
  bytes: fc.integer({ min: 1, max: 40 }).map((units) => units * 1e8),
  kvBytesPerToken: fc.constantFrom(0, 4096, 65_536, 400_000),
  kvWindow: fc.constantFrom(...([undefined, 32] as const)),
  stateBytes: fc.constantFrom(0, 1e6, 5e7),
});

const randomCase: fc.Arbitrary<Case> = fc
  .record({
    layers: fc.array(layer, { minLength: 2, maxLength: 9 }),
    embeddingBytes: fc.constantFrom(0, 5e8, 2e9),
    headBytes: fc.constantFrom(0, 5e8, 2e9),
    machines: fc.array(
      fc.record({
        memory: fc.integer({ min: 20, max: 120 }).map((units) => units * 1e8),
        count: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map((c) => ({
    ...c,
    layers: c.layers.map(({ kvWindow, ...rest }) =>
      kvWindow === undefined ? rest : { ...rest, kvWindow },
    ),
  }));

interface ConstrainedCase extends Case {
  readonly drained: ReadonlySet<number>;
  readonly pins: ReadonlyMap<number, LayerInterval>;
}

/** The memory of every node, in the cluster's order. */
function memories({ machines }: Case): readonly number[] {
  return machines.flatMap(({ memory, count }) => Array.from({ length: count }, () => memory));
}

/** The same by single nodes: drained ones hold nothing, pinned ones just what they must. */
function canCoverConstrained(c: ConstrainedCase): boolean {
  const memory = memories(c);
  const used = new Set<number>(c.drained);
  const reach = (from: number): boolean => {
    if (from === c.layers.length) return true;
    return memory.some((room, node) => {
      if (used.has(node)) return false;
      used.add(node);
      const pin = c.pins.get(node);
      const ends =
        pin === undefined
          ? c.layers.map((_, end) => end + 1).filter((end) => end > from)
          : pin[0] <= from && from < pin[1]
            ? [pin[1]]
            : [];
      const found = ends.some(
        (end) => (pin !== undefined || needed(c, from, end) <= room) && reach(end),
      );
      used.delete(node);
      return found;
    });
  };
  return reach(0);
}

/** Some nodes drained, at most one pinned to what it can hold; layers alike in half of the cases. */
const constrainedCase: fc.Arbitrary<ConstrainedCase> = fc
  .tuple(randomCase, fc.boolean(), fc.array(fc.nat(5), { maxLength: 3 }), fc.nat(5), fc.nat(44))
  .map(([c, alike, drains, pinned, choice]) => {
    const whole = alike ? { ...c, layers: c.layers.map(() => c.layers[0]!) } : c;
    const memory = memories(whole);
    const drained = new Set(drains.filter((node) => node < memory.length));
    const held = whole.layers.flatMap((_, start) =>
      whole.layers
        .map((__, at): LayerInterval => [start, at + 1])
        .filter(([, end]) => end > start && needed(whole, start, end) <= (memory[pinned] ?? 0)),
    );
    const pin = drained.has(pinned) ? undefined : held[choice];
    return { ...whole, drained, pins: new Map(pin === undefined ? [] : [[pinned, pin]]) };
  });

const QUICK = { iterationLimit: 2, gap: 0, threads: 0 } as const;

describe("planning layers that differ", () => {
  it("fits every node by a sum of its own, and never denies what brute force finds", async () => {
    await fc.assert(
      fc.asyncProperty(randomCase, async (c) => {
        const cluster = load(c);
        const outcome = await plan(cluster, { ...QUICK, objective: "flow" }, createNodePorts());
        const possible = canCover(c);
        if (outcome.kind !== "planned") {
          expect([outcome.kind, possible]).toEqual(["infeasible", false]);
          return;
        }
        expect(possible).toBe(true);
        expect(outcome.file.upperBound).toBeGreaterThanOrEqual(outcome.file.throughput);
        expect(checkPlacement(cluster, outcome.file)).toEqual([]);
        outcome.placement.forEach((interval, node) => {
          if (interval === null) return;
          const { memory } = c.machines[Number(cluster.nodes[node]!.id.slice(1).split("-")[0])]!;
          expect(needed(c, interval[0], interval[1])).toBeLessThanOrEqual(memory * (1 + 1e-9));
        });
      }),
      { seed: 17, numRuns: 60 },
    );
  });

  it("denies nothing that fits under constraints, equal layers with embedding and head among them", async () => {
    await fc.assert(
      fc.asyncProperty(constrainedCase, async (c) => {
        const { drained, pins } = c;
        const cluster = load(c);
        const outcome = await plan(
          cluster,
          // By default it is planned for what is served, which takes longer.
          {
            ...QUICK,
            constraints: { drained, pins },
            ...(drained.size % 2 === 0 ? {} : { objective: "flow" }),
          },
          createNodePorts(),
        );
        const possible = canCoverConstrained(c);
        if (outcome.kind !== "planned") {
          expect([outcome.kind, possible]).toEqual(["infeasible", false]);
          return;
        }
        expect(possible).toBe(true);
        expect(outcome.file.upperBound).toBeGreaterThanOrEqual(outcome.file.throughput);
        expect(checkPlacement(cluster, outcome.file)).toEqual([]);
        const memory = memories(c);
        outcome.placement.forEach((interval, node) => {
          if (pins.has(node)) expect(interval).toEqual(pins.get(node));
          if (drained.has(node)) expect(interval).toBeNull();
          if (interval === null) return;
          expect(needed(c, interval[0], interval[1])).toBeLessThanOrEqual(
            memory[node]! * (1 + 1e-9),
          );
        });
      }),
      { seed: 18, numRuns: 40 },
    );
  });

  it("finds the one order in which unlike layers fit", async () => {
    const heavy = { bytes: 9e9, kvBytesPerToken: 4096 };
    const light = { bytes: 1e9, kvBytesPerToken: 4096 };
    const c: Case = {
      layers: [heavy, ...Array.from({ length: 8 }, () => light), heavy],
      embeddingBytes: 0,
      headBytes: 0,
      machines: [
        { memory: 9.5 * GIGA, count: 3 },
        { memory: 0.5 * GIGA, count: 1 },
      ],
    };
    const outcome = await plan(load(c), QUICK, createNodePorts());
    expect(outcome.kind).toBe("planned");
    if (outcome.kind !== "planned") return;
    expect(outcome.placement.filter((interval) => interval !== null)).toHaveLength(3);
    const served = simulatePlacement(load(c), outcome.placement, { durationSeconds: 60 });
    expect(served.result.decodeTokensPerSecond).toBeGreaterThan(0);
  });

  it("says how far the nodes get where no order is enough", async () => {
    const c: Case = {
      layers: [
        { bytes: 9e9, kvBytesPerToken: 4096 },
        ...Array.from({ length: 5 }, () => ({ bytes: 1e9, kvBytesPerToken: 4096 })),
      ],
      embeddingBytes: 0,
      headBytes: 0,
      machines: [{ memory: 8 * GIGA, count: 4 }],
    };
    const outcome = await plan(load(c), QUICK, createNodePorts());
    expect(outcome.kind === "infeasible" && outcome.obstacle.missingLayers).toBe(6);
  });
});
