import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { describePlacement } from "../../src/planner/result/placement-file.js";
import { addCompareCommand } from "../../src/cli/compare-command.js";
import { addSimulateCommand } from "../../src/cli/simulate-command.js";
import { UNCONSTRAINED } from "../../src/planner/problem/problem.js";
import type { ExitCode } from "../../src/cli/terminal.js";

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "two",
  model: {
    name: "m",
    layers: 4,
    layerBytes: 1e9,
    activationBytes: 1000,
    tokenBytes: 2,
    kvBytesPerToken: 100,
  },
  workload: { promptTokens: 200, outputTokens: 40 },
  machines: {
    gpu: {
      nic: "10 Gb/s",
      profile: {
        tokensPerSecond: [1000, 500, 300],
        kvCacheTokens: [50000, 20000, 10000],
        promptSeconds: [
          [0, 0],
          [1000, 0.02],
        ],
        decodeSeconds: [
          [0, 0],
          [2, 0.002],
          [100, 0.005],
        ],
        promptMaxRequests: [2, 2, 2],
        decodeMaxTokens: [100, 100, 100],
      },
    },
    bare: { nic: "10 Gb/s", profile: { tokensPerSecond: [1000, 500] } },
  },
  nodes: [{ id: "a", machine: "gpu", count: 3 }],
  network: { withinRegion: { bandwidth: "1 GB/s", latency: "1 ms" } },
  coordinator: { nic: "10 Gb/s" },
};

let folder = "";
let clusterPath = "";
let placementPath = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulate-"));
  clusterPath = join(folder, "cluster.json");
  placementPath = join(folder, "placement.json");
  const text = JSON.stringify(CLUSTER);
  await writeFile(clusterPath, text);
  const { cluster, sha256 } = loadCluster("c", text);
  const file = describePlacement(
    cluster,
    [
      [0, 2],
      [2, 4],
      [0, 2],
    ],
    {
      clusterSha256: sha256,
      objective: "flow",
      problem: { cluster, partialInference: true, constraints: UNCONSTRAINED },
      upperBound: 1000,
      boundName: "x",
      gapAsked: 1,
      termination: "gap",
      solve: { seconds: 0, seed: 1, strategies: [], versions: {} },
    },
  );
  await writeFile(placementPath, JSON.stringify(file));
});
afterAll(() => rm(folder, { recursive: true }));

async function command(...argv: string[]) {
  let out = "";
  let err = "";
  let code: ExitCode = 0;
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    interactive: false,
    readStandardInput: () =>
      Promise.resolve(
        new TextEncoder().encode("TIMESTAMP,ContextTokens,GeneratedTokens\n0,10,5\n-2,20,5\n"),
      ),
    signal: new AbortController().signal,
    processId: 1,
  };
  const context = { terminal, exit: (value: ExitCode) => void (code = value) };
  const program = new Command()
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  addSimulateCommand(program, context);
  addCompareCommand(program, context);
  await program.parseAsync(argv, { from: "user" });
  return { out, err, code };
}

describe("simulate", () => {
  const short = ["--warmup", "5", "--duration", "20", "--threads", "0"];

  test("prints a summary", async () => {
    const { out, err } = await command("simulate", clusterPath, placementPath, ...short);
    expect(out).toMatch(
      /^Simulated 5 s to 25 s: offline custom, helix scheduler, layerwise batching, seed 1\./,
    );
    expect(out).toMatch(/time to first token +\d/);
    expect(out).toMatch(/a-2 +\d/);
    expect(err).toBe("");
  });

  test("a placement of another cluster is refused, with the nodes that are not here", async () => {
    const text = await readFile(placementPath, "utf8");
    const foreign = join(folder, "foreign.json");
    await writeFile(foreign, text.replaceAll('"a-1"', '"b-1"'));
    await expect(command("simulate", clusterPath, foreign, ...short)).rejects.toThrow(
      /b-1, which two does not have/,
    );
    const compared = command("compare", clusterPath, "--placement", foreign, ...short);
    await expect(compared).rejects.toThrow(/b-1, which two does not have/);
  });

  test("--json is the whole result, and repeats byte for byte", async () => {
    const run = () =>
      command(
        "simulate",
        clusterPath,
        placementPath,
        ...short,
        "--json",
        "--rate",
        "300",
        "--batching",
        "continuous",
      );
    const first = await run();
    const report = JSON.parse(first.out) as {
      traffic: string;
      result: { decodeTokensPerSecond: number; samples: unknown[] };
    };
    expect(report.traffic).toBe("online");
    expect(report.result.decodeTokensPerSecond).toBeGreaterThan(0);
    expect(report.result.samples).toHaveLength(100);
    expect((await run()).out).toBe(first.out);
  });

  test("--trace replays, sorts and says so", async () => {
    const { out, err } = await command(
      "simulate",
      clusterPath,
      placementPath,
      "--trace",
      "-",
      "--json",
      "--threads",
      "0",
    );
    const report = JSON.parse(out) as {
      result: { requests: object; timePerOutputToken: { count: number } };
    };
    expect(report.result.requests).toMatchObject({ arrived: 2, finished: 2 });
    expect(report.result.timePerOutputToken.count).toBe(10);
    expect(err).toMatch(/1 requests of - stood out of order/);
  });

  test("prompts that fit nowhere are rejected, counted and explained", async () => {
    const path = join(folder, "long.csv");
    await writeFile(path, "TIMESTAMP,ContextTokens,GeneratedTokens\n0,10,5\n1,99999,5\n");
    const threads = ["--threads", "0"];
    const { out } = await command(
      "simulate",
      clusterPath,
      placementPath,
      "--trace",
      path,
      ...threads,
    );
    expect(out).toContain("2 arrived, 1 finished, 1 rejected, 0 under way, 0 waiting");
    expect(out).toMatch(
      /Rejected requests, .* find no room in the KV caches of any route, which hold 20000 tokens/,
    );
  });

  test("--timeline writes a Chrome trace of the window's start", async () => {
    const path = join(folder, "timeline.json");
    await command(
      "simulate",
      clusterPath,
      placementPath,
      ...short,
      "--timeline",
      path,
      "--timeline-seconds",
      "2",
    );
    const { traceEvents } = JSON.parse(await readFile(path, "utf8")) as {
      traceEvents: { ph: string; ts: number; dur: number; tid: number }[];
    };
    const bars = traceEvents.filter((event) => event.ph === "X");
    expect(bars.length).toBeGreaterThan(10);
    for (const node of [0, 1, 2]) {
      const own = bars.filter((bar) => bar.tid === node);
      own.forEach((bar, at) => {
        expect(bar.ts).toBeGreaterThanOrEqual(5e6);
        if (at > 0)
          expect(bar.ts).toBeGreaterThanOrEqual(own[at - 1]!.ts + own[at - 1]!.dur - 1e-3);
      });
    }
  });

  test("--progress json tells how far the run has come", async () => {
    const { err } = await command(
      "simulate",
      clusterPath,
      placementPath,
      ...short,
      "--progress",
      "json",
    );
    const times = err
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { simulatedSeconds: number }).simulatedSeconds);
    expect(times.length).toBeGreaterThan(50);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeGreaterThan(24);
  });

  test("a rate beside a trace is refused", async () => {
    await expect(
      command("simulate", clusterPath, placementPath, "--trace", "-", "--rate", "5"),
    ).rejects.toThrow(/--rate.*one of the two/);
  });
});

describe("compare", () => {
  test("tabulates placements × schedulers, says what is not possible", async () => {
    const { out, err } = await command(
      "compare",
      clusterPath,
      "--placement",
      placementPath,
      "--strategy",
      "swarm",
      "petals",
      "separate-plus",
      "--scheduler",
      "helix",
      "random",
      "--threads",
      "0",
      "--warmup",
      "5",
      "--duration",
      "10",
      "--concurrency",
      "10",
    );
    const lines = out.trimEnd().split("\n");
    const head = lines.findIndex((line) => /^placement +scheduler +flow +decode\/s/.test(line));
    expect(head).toBeGreaterThanOrEqual(0);
    const rows = lines.slice(head + 1).filter((line) => / (helix|random) +\d/.test(line));
    expect(rows.length + 2 * (err.match(/not possible/g) ?? []).length).toBe(8);
    expect(
      lines
        .slice(head + 1)
        .join("")
        .replace(/\s/g, ""),
    ).toContain("placement.json");
    expect(err).toMatch(/1\/\d.*decode tokens\/s/);
  });

  test("exits 1 when there is nothing to compare", async () => {
    const path = join(folder, "small.json");
    await writeFile(path, JSON.stringify({ ...CLUSTER, nodes: [{ id: "a", machine: "gpu" }] }));
    const { code, err, out } = await command("compare", path, "--strategy", "swarm", "separate");
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toMatch(/swarm: not possible: .*stages/);
  });
});

test("a machine without curves is named", async () => {
  const path = join(folder, "bare.json");
  await writeFile(
    path,
    JSON.stringify({ ...CLUSTER, nodes: [{ id: "a", machine: "bare", count: 2 }] }),
  );
  await expect(
    command("compare", path, "--strategy", "homogeneous", "--threads", "0"),
  ).rejects.toThrow(/machines\.bare\.profile.*promptSeconds/);
});
