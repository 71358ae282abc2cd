import { mkdtempSync, rmSync } from "node:fs";
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
      const ranks = ["rank-0-m0.sh", "rank-1-m1.sh"].map((script) => {
        const bin = vllm.kind === "ready" ? join(vllm.folder, "bin") : "";
        const begun = start(
          ["bash", join(scripts, script), ...HERE],
          join(folder, `${script}.log`),
          {
            cwd: folder,
            env: {
              PATH: `${bin}:${env["PATH"] ?? ""}`,
              VLLM_LOG_MODEL_INSPECTION: "1",
              VLLM_CPU_OMP_THREADS_BIND: "nobind",
              VLLM_NO_USAGE_STATS: "1",
              HF_HUB_OFFLINE: "1",
              OMP_NUM_THREADS: "1",
            },
          },
        );
        started.push(begun);
        return begun;
      });
      const front = await startFront(exportTiny(folder, "nginx", model), folder);
      started.push(front.program);
      await waitUntil(() => answers(`${front.url}/health`), ranks, 1500);

      const usage = await complete(front.url, { model }, ranks);
      expect(usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 8 });
      expect(ranks.map(({ log }) => layersOf(log()))).toEqual([["(0-4): 5"], ["(5-11): 7"]]);
    },
  );
});

/** The layers that a rank's log shows in its model: `(0-4): 5 x LlamaDecoderLayer(`. */
function layersOf(log: string): readonly string[] {
  return [...log.matchAll(/(\([\d-]+\): \d+) x LlamaDecoderLayer/g)].map(([, layers]) => layers!);
}
