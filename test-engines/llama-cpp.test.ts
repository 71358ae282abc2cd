import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { titled } from "./support/cache.js";
import { complete } from "./support/completion.js";
import { startFront } from "./support/front.js";
import { installLlama, startLlama } from "./support/llama.js";
import { exportTiny, planTiny, writeHosts, writeTinyCluster } from "./support/plan.js";
import { answers, waitUntil, type Started } from "./support/programs.js";
import { writeGguf, type TinyLlama } from "./support/tiny-llama.js";

const MODEL: TinyLlama = {
  layers: 12,
  hidden: 256,
  feedForward: 688,
  heads: 8,
  keyValueHeads: 4,
  context: 2048,
};
const HOSTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3"] as const;
const API_PORT = 8123;

const llama = installLlama();
const bin = llama.kind === "ready" ? llama.folder : "";
const folder = mkdtempSync(join(tmpdir(), "helix-place-llama-"));
const started: Started[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ stop }) => stop()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(llama.kind !== "ready")(titled("llama.cpp itself", llama), () => {
  it("runs a plan with an uneven split by the exported scripts, behind the exported nginx", async () => {
    const gguf = join(folder, "tiny.gguf");
    writeGguf(MODEL, gguf);
    writeTinyCluster(folder, { model: gguf, rooms: [3, 4, 5] });
    const plan = planTiny(folder, "llama.cpp");
    const stages = plan.pipelines[0]!.stages.map(({ layers: [from, to] }) => to - from);
    expect(stages).toEqual([3, 4, 5]);

    writeHosts(folder, HOSTS, { 0: API_PORT });
    const scripts = join(exportTiny(folder, "llama.cpp", gguf), "chain-1");
    const names = stages.map((_, rank) => `m${rank}`);
    const programs = await startLlama({ bin, scripts, ranks: names, folder });
    started.push(...programs);
    const server = programs.at(-1)!;
    const front = await startFront(exportTiny(folder, "nginx", gguf), folder);
    started.push(front.program);
    await waitUntil(() => answers(`${front.url}/health`), programs, 240);

    const usage = await complete(front.url, {}, programs);
    // A token per byte, three for a space (▁), and the one that begins.
    expect(usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 8 });
    expect(splitOf(server.log())).toEqual({ CPU: 3, RPC0: 4, RPC1: 5 });
  });
});

/** Layers per device, as the server's log has them at last; the output counts as one more there. */
function splitOf(log: string): Readonly<Record<string, number>> {
  const lines = log.matchAll(/layer +(\d+) assigned to device (\w+)/g);
  const devices = new Map([...lines].map(([, layer, device]) => [Number(layer), device!]));
  const counts: Record<string, number> = {};
  for (const [layer, device] of devices) {
    if (layer < MODEL.layers) counts[device] = (counts[device] ?? 0) + 1;
  }
  return counts;
}
