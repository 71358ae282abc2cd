import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { titled } from "./support/cache.js";
import { asTable, closeCircle, type Benchmark, type Circle } from "./support/circle.js";
import { installLlama, startLlama } from "./support/llama.js";
import { connects, run, start, waitUntil, type Started } from "./support/programs.js";
import { writeGguf, type TinyLlama } from "./support/tiny-llama.js";

/** So large that its layers take nearly all the time: 280 MB. */
const MODEL: TinyLlama = {
  layers: 12,
  hidden: 1024,
  feedForward: 2816,
  heads: 16,
  keyValueHeads: 8,
  context: 4096,
};
const SEQUENCES = 4;
/** Where the benchmark's RPC server listens. */
const [HOST, PORT] = ["127.0.0.2", 50_061] as const;
/** One thread everywhere: stages take turns, and other programs have the rest of the machine. */
const ONE_THREAD = ["--threads", "1"];

const llama = installLlama();
const bin = llama.kind === "ready" ? llama.folder : "";
const folder = mkdtempSync(join(tmpdir(), "helix-place-circle-"));
const gguf = join(folder, "tiny.gguf");
const started: Started[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ stop }) => stop()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** llama.cpp's own benchmark on some devices. */
function benchmark(devices: readonly string[], sequences: readonly number[]): string {
  const batches = ["-npp", "64,128,256", "-ntg", "32", "-npl", sequences.join(",")];
  const held = ["-m", gguf, "-c", "4096", "-b", "2048", ...devices, ...ONE_THREAD];
  const words = [...held, ...batches, "--output-format", "jsonl"];
  return run(join(bin, "llama-batched-bench"), words, { seconds: 400 });
}

/** Seconds of a decode step, mean over the lines. */
function stepSeconds(text: string): number {
  const lines = text.trim().split("\n");
  const steps = lines.map((line) => {
    const { t_tg, tg } = JSON.parse(line) as { readonly t_tg: number; readonly tg: number };
    return t_tg / tg;
  });
  return steps.reduce((sum, step) => sum + step, 0) / steps.length;
}

const LOCAL = ["--device", "none", "-ngl", "0"];

/** The whole model here, then half of it by way of an RPC server: what a step takes longer is the way there and back. */
async function measure(): Promise<Benchmark> {
  const path = join(folder, "batches.jsonl");
  const text = benchmark(LOCAL, [1, 2, 4]);
  writeFileSync(path, text);
  const address = ["-H", HOST, "-p", String(PORT), ...ONE_THREAD];
  const server = [join(bin, "ggml-rpc-server"), ...address] as const;
  const worker = start(server, join(folder, "worker.log"), { env: { LLAMA_CACHE: folder } });
  started.push(worker);
  await waitUntil(() => connects(PORT, HOST), [worker], 60);
  const half = [
    "--rpc",
    `${HOST}:${PORT}`,
    "--device",
    "RPC0",
    "-ngl",
    String(MODEL.layers / 2 + 1),
  ];
  const away = stepSeconds(benchmark(half, [1, 4]));
  await worker.stop();
  const here = stepSeconds(benchmark(LOCAL, [1, 4]));
  return { results: [path], latencySeconds: Math.max(0, away - here) / 2 };
}

const CIRCLE: Circle = {
  engine: "llama.cpp",
  config: gguf,
  model: gguf,
  layers: MODEL.layers,
  measure,
  start: (scripts, ranks) => startLlama({ bin, scripts, ranks, folder, more: ONE_THREAD }),
  maxSequences: SEQUENCES,
  request: [128, 32],
  loads: [
    [0.4, 15],
    [3, 30],
  ],
  splits: [
    [6, 6],
    [3, 9],
  ],
};

describe.skipIf(llama.kind !== "ready")(titled("llama.cpp, measured and planned", llama), () => {
  it("serves about what the plan said", { timeout: 1_800_000 }, async () => {
    writeGguf(MODEL, gguf);
    const compared = await closeCircle(CIRCLE, folder, started);
    console.log(asTable(compared));
    for (const { predicted, measured } of compared) {
      // A machine that others use decides how near; a wrong rule would be off by the number of stages or slots.
      expect(measured.tokenSeconds / predicted.tokenSeconds).toBeLessThan(3);
      expect(predicted.tokenSeconds / measured.tokenSeconds).toBeLessThan(3);
    }
  });
});
