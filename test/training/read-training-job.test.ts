import { readFileSync, readdirSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError, type Problem } from "../../src/core/errors.js";
import { readTrainingJob } from "../../src/formats/read-training-job.js";
import { inlineTrainingCluster } from "../../src/formats/training-cluster-from-file.js";

const job = {
  format: "helix-place/training-job@1",
  name: "small",
  cluster: {
    machines: {
      lab: { gpu: "T4", gpus: 2, nic: "10 Gb/s", intraBandwidth: "50 Gb/s" },
    },
    nodes: [{ id: "n", machine: "lab", count: 2 }],
  },
  model: { kind: "transformer", hidden: 64, sequence: 32, blocks: 4, vocabulary: 100, heads: 4 },
  globalBatch: 8,
};

function problemsOf(data: unknown): readonly Problem[] {
  try {
    readTrainingJob("job.json", data);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  return [];
}

/** The job with the value at a path replaced. */
function altered(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(job) as unknown as Record<string | number, unknown>;
  let place = copy;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
  place[path[path.length - 1]!] = value;
  return copy;
}

test("a job reads into SI units, nodes counted out, layers from the shape", () => {
  const read = readTrainingJob("job.json", job);
  expect(read.cluster.nodes).toEqual([
    { id: "n-0", machine: 0 },
    { id: "n-1", machine: 0 },
  ]);
  expect(read.cluster.machines[0]).toMatchObject({
    nicBytesPerSecond: 1.25e9,
    intraBytesPerSecond: 6.25e9,
    memoryBytes: 16e9,
  });
  expect(read.layers.map((layer) => layer.kind)).toEqual([
    "embedding",
    ...Array.from({ length: 4 }, () => "block"),
    "head",
  ]);
  expect(read.times.tensorDegrees).toEqual([1, 2]);
  expect(read.times.forwardSeconds(0, 1, 1)).toHaveLength(6);
});

test("tied layers of unlike size are refused: a stage would hold less the more layers it has", () => {
  const layer = { kind: "block", outputElements: 1, tie: "ends" } as const;
  const layers = [618, 700, 618, 693].map((parameters) => ({ ...layer, parameters }));
  const measured = altered(["model"], { kind: "layers", layers }) as typeof job;
  const lab = { ...job.cluster.machines.lab, forwardSeconds: { 1: layers.map(() => 1) } };
  const problems = problemsOf({
    ...measured,
    cluster: { ...job.cluster, machines: { lab } },
  });
  expect(problems.map(({ path }) => path)).toEqual([
    "model.layers[1].parameters",
    "model.layers[3].parameters",
  ]);
  expect(problems[0]!.expected).toContain("618, as in model.layers[0]");
});

describe("wrong jobs are refused with the place and a remedy", () => {
  test.each([
    [["globalBacth"], 8, "globalBacth", /"globalBatch"/],
    [["cluster", "machines", "lab", "intraBandwith"], 1, "lab.intraBandwith", /"intraBandwidth"/],
    [["cluster", "nodes", 0, "cuont"], 1, "cluster.nodes[0].cuont", /"count"/],
    [["model", "hiden"], 1, "model.hiden", /"hidden"/],
    [["cluster", "nodes", 0, "machine"], "lap", "cluster.nodes[0].machine", /Name a machine type/],
    [["cluster", "machines", "lab", "nic"], "10 Gib", "cluster.machines.lab.nic", /Correct/],
    [["cluster", "machines", "lab", "gpu"], "T5", "cluster.machines.lab.memory", /Add "memory"/],
    [["globalBatch"], 0, "globalBatch", /Correct/],
    [["globalBatch"], undefined, "globalBatch", /Add/],
    [["model", "blocks"], "four", "model.blocks", /Correct/],
    [["model", "kind"], "transformr", "model.kind", /Correct/],
    [["memory"], { zero: 1 }, "memory.zero", /"zeroStage"/],
  ])("%j", (path, value, place, remedy) => {
    const found = problemsOf(altered(path, value));
    const match = found.find((problem) => problem.path.endsWith(place));
    expect(match, JSON.stringify(found)).toBeDefined();
    expect(match!.remedy).toMatch(remedy);
  });

  test("every problem is reported, not only the first", () => {
    const wrong = structuredClone(job) as unknown as {
      cluster: { machines: { lab: { nic: string } }; nodes: unknown[] };
    };
    wrong.cluster.machines.lab.nic = "fast";
    wrong.cluster.nodes.push({ id: "n-0", machine: "lab" }, { id: "x", machine: "none" });
    expect(problemsOf(wrong).map((problem) => problem.path)).toEqual([
      "cluster.machines.lab.nic",
      "cluster.nodes[1].id",
      "cluster.nodes[2].machine",
    ]);
  });

  test("given times must cover every layer and one sample", () => {
    const times = { "1": [1, 2], "2": { "4": [1, 1, 1, 1, 1, 1] } };
    const found = problemsOf(altered(["cluster", "machines", "lab", "forwardSeconds"], times));
    expect(found.map((problem) => problem.path)).toEqual([
      'cluster.machines.lab.forwardSeconds["1"]',
      'cluster.machines.lab.forwardSeconds["2"]["1"]',
    ]);
  });
});

test("measured micro-batches are taken as they stand, others follow the law", () => {
  const times = { "1": { "1": [1, 1, 1, 1, 1, 1], "4": [2, 2, 2, 2, 2, 2] } };
  const data = altered(["cluster", "machines", "lab", "forwardSeconds"], times) as object;
  const read = readTrainingJob("job.json", { ...data, fixedShare: 0.5 });
  expect(read.times.tensorDegrees).toEqual([1]);
  expect(read.times.forwardSeconds(0, 1, 4)[0]).toBe(2);
  expect(read.times.forwardSeconds(0, 1, 2)[0]).toBe(1.5);
});

test("times by kind of layer spread over the layers", () => {
  const times = { "1": { embedding: 1, block: 2, head: 3 }, "2": { "1": { block: 4 } } };
  const read = readTrainingJob(
    "job.json",
    altered(["cluster", "machines", "lab", "forwardSeconds"], times),
  );
  expect(read.times.forwardSeconds(0, 1, 2)).toEqual([2, 4, 4, 4, 4, 6]);
  expect(read.times.forwardSeconds(0, 2, 1)).toEqual([0, 4, 4, 4, 4, 0]);
});

test("a cluster file lends its nodes and machines, the job adds what is about training", () => {
  const cluster = {
    format: "helix-place/cluster@1",
    model: "llama-2-70b",
    machines: { lab: { gpu: "T4", gpus: 2, nic: "10 Gb/s", profile: { tokensPerSecond: [1] } } },
    nodes: [{ id: "n", machine: "lab", region: "here", count: 2 }],
  };
  const machines = { lab: { intraBandwidth: "50 Gb/s" } };
  const named = { ...job, cluster: "cluster.json", machines };
  const read = readTrainingJob("job.json", inlineTrainingCluster(named, cluster));
  expect(read.cluster).toEqual(readTrainingJob("job.json", job).cluster);
});

test("memory of a cluster file is of all cards, that of a job of one; machines without a node are not asked for", () => {
  const read = (machine: object, own: object = {}) => {
    const cluster = {
      machines: { lab: { gpu: "T4", gpus: 2, nic: "10 Gb/s", ...machine }, spare: { gpu: "B200" } },
      nodes: [{ id: "n", machine: "lab" }],
    };
    const machines = { lab: { intraBandwidth: "50 Gb/s", ...own } };
    const named = { ...job, cluster: "cluster.json", machines };
    return readTrainingJob("job.json", inlineTrainingCluster(named, cluster)).cluster.machines.map(
      ({ memoryBytes }) => memoryBytes,
    );
  };
  expect(read({ memory: "24 GB" })).toEqual([12e9]);
  expect(read({ memory: 24e9, freeMemory: "10 GB" })).toEqual([10e9]);
  expect(read({ freeMemory: "10 GB" })).toEqual([10e9]);
  expect(read({ memory: "24 GB" }, { memory: "15 GB" })).toEqual([15e9]);
  expect(read({})).toEqual([16e9]);
  expect(() => read({ memory: "24 gigs" })).toThrow();
});

test("no value anywhere makes the reader fail in another way", () => {
  const paths = [
    ["name"],
    ["cluster"],
    ["cluster", "machines"],
    ["cluster", "machines", "lab"],
    ["cluster", "machines", "lab", "forwardSeconds"],
    ["cluster", "nodes"],
    ["cluster", "nodes", 0],
    ["model"],
    ["memory"],
    ["globalBatch"],
  ] as const;
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      for (const problem of problemsOf(altered(path, value))) {
        expect(problem.expected).not.toBe("");
        expect(problem.remedy).not.toBe("");
      }
    }),
    { seed: 51, numRuns: 500 },
  );
});

test("the example jobs read", () => {
  const files = readdirSync("clusters").filter((name) => name.startsWith("train-"));
  expect(files).toHaveLength(3);
  for (const name of files) {
    const read = readTrainingJob(name, JSON.parse(readFileSync(`clusters/${name}`, "utf8")));
    expect(read.cluster.nodes).toHaveLength(4);
  }
});
