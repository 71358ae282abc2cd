import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { titled } from "./support/cache.js";
import { complete } from "./support/completion.js";
import { startFront } from "./support/front.js";
import { exportTiny, planTiny, writeHosts, writeTinyCluster } from "./support/plan.js";
import { answers, start, waitUntil, type Started } from "./support/programs.js";
import { writeHuggingFace, type TinyLlama } from "./support/tiny-llama.js";
import { installVllm } from "./support/vllm.js";

const MODEL: TinyLlama = {
  layers: 12,
  hidden: 256,
  feedForward: 688,
  heads: 8,
  keyValueHeads: 4,
  context: 2048,
};
const HOSTS = ["127.0.0.1", "127.0.0.2"] as const;
const API_PORT = 8123;
/**
 * What no script can know: the weights are made up, and all ranks share one machine's memory. vLLM 0.32
 * runs its later stages on a processor only after a warm-up, which it leaves out with --enforce-eager or
 * with bytes of cache; traced and not compiled, the model is warmed up in seconds.
 */
const SHARE = Math.max(0.1, 2 ** 31 / totalmem()).toFixed(2);
const TRACED = JSON.stringify({ mode: 2, backend: "eager" });
const HERE = [
  "--load-format",
  "dummy",
  "--gpu-memory-utilization",
  SHARE,
  "--compilation-config",
  TRACED,
];

const vllm = installVllm();
const folder = mkdtempSync(join(tmpdir(), "helix-place-vllm-"));
const started: Started[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ stop }) => stop()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(vllm.kind !== "ready")(titled("vLLM itself", vllm), () => {
  it(
    "runs a plan with an uneven split by the exported scripts, behind the exported nginx",
    { timeout: 1_800_000 },
    async () => {
      const model = join(folder, "tiny-llama");
      writeHuggingFace(MODEL, model);
      writeTinyCluster(folder, { model: join(model, "config.json"), rooms: [5, 7] });
      const plan = planTiny(folder, "vllm");
      const stages = plan.pipelines[0]!.stages.map(({ layers: [from, to] }) => to - from);
      expect(stages).toEqual([5, 7]);

      writeHosts(folder, HOSTS, { 0: API_PORT });
      const scripts = join(exportTiny(folder, "vllm", model), "chain-1");
      const ranks = ["rank-0-m0.sh", "rank-1-m1.sh"].map((script) => run(join(scripts, script)));
      const front = await startFront(exportTiny(folder, "nginx", model), folder);
      started.push(front.program);
      await waitUntil(() => answers(`${front.url}/health`), ranks, 1500);

      const usage = await complete(front.url, { model }, ranks);
      expect(usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 8 });
      expect(ranks.map(({ log }) => layersOf(log()))).toEqual([["(0-4): 5"], ["(5-11): 7"]]);
    },
  );

  it(
    "runs two parts of one machine side by side, each with its own card and port",
    { timeout: 1_800_000 },
    async () => {
      const own = join(folder, "parts");
      const model = join(own, "tiny-llama");
      mkdirSync(own);
      writeHuggingFace(MODEL, model);
      const box = { gpu: "L4", gpus: 2, tensorParallel: 1 };
      const cluster = {
        format: "helix-place/cluster@1",
        name: "one box",
        model: { config: join(model, "config.json") },
        workload: { promptTokens: 64, outputTokens: 32 },
        machines: { box },
        nodes: [{ id: "box", machine: "box" }],
        network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
      };
      writeFileSync(join(own, "cluster.json"), JSON.stringify(cluster));
      writeFileSync(join(own, "hosts.csv"), `box,127.0.0.1,${API_PORT}\ncoordinator,127.0.0.1,\n`);
      const plan = planTiny(own, "vllm", ["--max-depth", "1"]);
      expect(plan.pipelines.map(({ stages }) => stages.map(({ node }) => node))).toEqual([
        ["box/0"],
        ["box/1"],
      ]);

      const scripts = exportTiny(own, "vllm", model);
      const texts = [0, 1].map((card) => join(scripts, `chain-${card + 1}/rank-0-box-g${card}.sh`));
      const copies = texts.map(run);
      for (const [card, text] of texts.entries()) {
        const url = `http://127.0.0.1:${API_PORT + card}`;
        expect(readFileSync(text, "utf8")).toContain(`CUDA_VISIBLE_DEVICES=${card}\n`);
        await waitUntil(() => answers(`${url}/health`), copies, 1500);
        const usage = await complete(url, { model }, copies);
        expect(usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 8 });
      }
      expect(copies.map(({ log }) => layersOf(log()))).toEqual([["(0-11): 12"], ["(0-11): 12"]]);
    },
  );
});

/** Starts an exported script with what no script can know. */
function run(script: string): Started {
  const bin = vllm.kind === "ready" ? join(vllm.folder, "bin") : "";
  const begun = start(["bash", script, ...HERE], `${script}.log`, {
    cwd: folder,
    env: {
      PATH: `${bin}:${env["PATH"] ?? ""}`,
      VLLM_LOG_MODEL_INSPECTION: "1",
      VLLM_CPU_OMP_THREADS_BIND: "nobind",
      VLLM_NO_USAGE_STATS: "1",
      HF_HUB_OFFLINE: "1",
      OMP_NUM_THREADS: "1",
    },
  });
  started.push(begun);
  return begun;
}

/** The layers that a rank's log shows in its model: `(0-4): 5 x LlamaDecoderLayer(`. */
function layersOf(log: string): readonly string[] {
  return [...log.matchAll(/(\([\d-]+\): \d+) x LlamaDecoderLayer/g)].map(([, layers]) => layers!);
}
