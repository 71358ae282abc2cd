import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureScript } from "../src/exchange/export/measure-script.js";
import { readMeasured } from "../src/exchange/import/measured-machine.js";
import { loadCluster } from "../src/formats/load-cluster.js";
import { createNodePorts } from "../src/node/node-ports.js";
import { plan } from "../src/serving/plan/plan.js";
import { titled } from "./support/cache.js";
import { installVllm } from "./support/vllm.js";

/** A Python with PyTorch: HELIX_PLACE_PYTHON, or the one that vLLM needs, too. */
const torch = env.HELIX_PLACE_PYTHON === undefined ? installVllm() : undefined;
const PYTHON =
  torch?.kind === "ready" ? join(torch.folder, "bin", "python") : (env.HELIX_PLACE_PYTHON ?? "");
const NEAR = 0.15;
const ROUNDS = 15;
const TOKENS = 256;

const LAYER = {
  model: "qwen-3-0.6b",
  layers: 28,
  hiddenSize: 1024,
  attentionHeads: 16,
  keyValueHeads: 8,
  headDimension: 128,
  intermediateSize: 3072,
  contextTokens: 300,
};

/** The same layer in plain products, without anything of the script. */
const PLAIN = `
import time, torch
torch.manual_seed(1)
h, n, k, d, i, t = 1024, 16, 8, 128, 3072, ${TOKENS}
W = lambda a, b: torch.randn(a, b) * 0.02
wq, wk, wv, wo, wg, wu, wd = W(h, n*d), W(h, k*d), W(h, k*d), W(n*d, h), W(h, i), W(h, i), W(i, h)
x = torch.randn(t, h)
mask = torch.full((t, t), float("-inf")).triu(1)
def step():
    y = x / x.pow(2).mean(1, keepdim=True).sqrt()
    q = (y @ wq).view(t, n, d).transpose(0, 1)
    ks = (y @ wk).view(t, k, d).transpose(0, 1).repeat_interleave(n // k, 0)
    vs = (y @ wv).view(t, k, d).transpose(0, 1).repeat_interleave(n // k, 0)
    a = torch.softmax(q @ ks.transpose(1, 2) / d ** 0.5 + mask, -1) @ vs
    z = x + a.transpose(0, 1).reshape(t, n * d) @ wo
    y = z / z.pow(2).mean(1, keepdim=True).sqrt()
    return z + (torch.nn.functional.silu(y @ wg) * (y @ wu)) @ wd
def once():
    began = time.perf_counter(); step(); return time.perf_counter() - began
`;

/**
 * Both ways in turns, so that whatever else the processor does slows both; one thread, and its own time for
 * a clock, so that waiting for other programs does not count at all.
 */
const IN_TURNS = `
import json, statistics, time, torch
torch.set_num_threads(1)
time.perf_counter = time.process_time
import measure, plain
scripted, simple = [], []
with torch.inference_mode():
    layer = measure.Layer("cpu", torch.float32).prompt(${TOKENS})
    for _ in range(3): plain.step(); layer()
    for _ in range(${ROUNDS}):
        scripted.append(measure.seconds_of(layer, "cpu", 0.2))
        simple.append(statistics.median(plain.once() for _ in range(5)))
print(json.dumps([statistics.median(scripted), statistics.median(simple)]))
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "helix-place-measure-"));
  writeFileSync(join(folder, "measure.py"), measureScript(LAYER));
  writeFileSync(join(folder, "plain.py"), PLAIN);
  writeFileSync(join(folder, "in_turns.py"), IN_TURNS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function python(script: string, ...options: readonly string[]): string {
  const path = join(folder, script);
  return execFileSync(PYTHON, [path, ...options], { encoding: "utf8", timeout: 400_000 });
}

function measure(): string {
  return python(
    "measure.py",
    "--device=cpu",
    "--seconds=40",
    `--most-prompt=${TOKENS}`,
    "--most-decode=8",
  );
}

describe.skipIf(torch?.kind === "missing")(titled("helix-place measure's script", torch), () => {
  it("gives curves of a machine that can be planned with", async () => {
    const outcome = readMeasured(JSON.parse(measure()), "measured");
    if (outcome.kind !== "cluster") throw new Error(JSON.stringify(outcome.problems));
    const { cluster } = loadCluster("measured", JSON.stringify(outcome.file));
    const { capacity } = cluster.machines[0]!;
    expect(capacity.source).toBe("measured");
    expect(capacity.maxLayers).toBeGreaterThan(0);
    expect(capacity.tokensPerSecond[0]).toBeGreaterThan(0);
    const planned = await plan(cluster, { iterationLimit: 1, threads: 0 }, createNodePorts());
    expect(planned.kind).toBe("planned");
  });

  it("times a layer as a plain loop of products does, within 15 %", () => {
    const [scripted, simple] = JSON.parse(python("in_turns.py")) as [number, number];
    expect(Math.abs(scripted / simple - 1), `${scripted} s, ${simple} s`).toBeLessThan(NEAR);
  });
});
