import { describe, expect, it } from "vitest";
import { listLayers } from "../../src/core/model.js";
import type { Model } from "../../src/core/model.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { readHuggingFaceConfig } from "../../src/model/hugging-face-config.js";
import { createNodePorts } from "../../src/node/node-ports.js";
import { plan } from "../../src/serving/plan/plan.js";

interface Setup {
  readonly name: string;
  readonly model: unknown;
  /** The model behind `{"config": …}`. */
  readonly referenced?: Model;
  readonly prompt: number;
  readonly output: number;
  readonly gpu: string;
  readonly memory: number;
  readonly count: number;
  readonly utilisation: number;
}

const GIGA = 1e9;
/** The memory rule's defaults: kept free on every card, requests whose cache must fit. */
const RESERVE = 2 * GIGA;
const REQUESTS = 16;

/** A search's cut of a dense 80-layer model: attention left out in the last third, widths of many kinds. */
function pruned(): Model {
  const multiples = [1.3125, 2.625, 5.25, 5.25, 3.28125];
  const block_configs = Array.from({ length: 80 }, (_, layer) => {
    const skipped = layer >= 44 && layer < 78 && layer % 8 !== 0;
    return {
      attention: { no_op: skipped, n_heads_in_group: skipped ? null : 8 },
      ffn: { no_op: false, ffn_mult: layer >= 44 && layer < 76 ? 0.5 : multiples[layer % 5] },
    };
  });
  const config = {
    model_type: "nemotron-nas",
    hidden_size: 8192,
    intermediate_size: null,
    num_attention_heads: 64,
    num_key_value_heads: null,
    num_hidden_layers: 80,
    vocab_size: 128_256,
    block_configs,
  };
  const outcome = readHuggingFaceConfig(config, { name: "pruned" });
  if (outcome.kind !== "model") throw new Error(JSON.stringify(outcome.problems));
  return outcome.model;
}

const SETUPS: readonly Setup[] = [
  {
    name: "a model cut by a search on four cards of 40 GB",
    model: { config: "pruned" },
    referenced: pruned(),
    prompt: 700,
    output: 200,
    gpu: "A100-40GB",
    memory: 40 * GIGA,
    count: 4,
    utilisation: 0.9,
  },
  {
    name: "gpt-oss-120b with contexts of 100,000 on two cards of 80 GB",
    model: "gpt-oss-120b",
    prompt: 100_000,
    output: 500,
    gpu: "H100-80GB",
    memory: 80 * GIGA,
    count: 2,
    utilisation: 0.9,
  },
  {
    name: "Gemma 3 27B at 32,000 on two cards of 80 GB",
    model: "gemma-3-27b",
    prompt: 32_000,
    output: 500,
    gpu: "H100-80GB",
    memory: 80 * GIGA,
    count: 2,
    utilisation: 0.9,
  },
  {
    name: "DeepSeek-V3.1 in NVFP4 on 1.2 TB",
    model: { preset: "deepseek-v3.1", dtype: "nvfp4", kvDtype: "fp8" },
    prompt: 700,
    output: 200,
    gpu: "H100-80GB",
    memory: 80 * GIGA,
    count: 15,
    utilisation: 0.9,
  },
  {
    name: "a 4-bit 70B on two Macs of 64 GB",
    model: { preset: "llama-3.3-70b", dtype: "int4" },
    prompt: 700,
    output: 200,
    gpu: "Mac",
    memory: 64 * GIGA,
    count: 2,
    utilisation: 0.75,
  },
];

function needed(model: Model, start: number, end: number, context: number): number {
  let bytes = 0;
  for (const layer of listLayers(model).slice(start, end)) {
    const kept = layer.kvWindow === undefined ? context : Math.min(context, layer.kvWindow);
    bytes += layer.bytes + REQUESTS * (kept * layer.kvBytesPerToken + layer.stateBytes);
  }
  if (start === 0) bytes += model.embeddingBytes!;
  if (end === model.layers) bytes += model.headBytes!;
  return bytes;
}

describe("models of today", () => {
  it.each(SETUPS.map((setup) => [setup.name, setup] as const))(
    "plans %s, and every card has room by a sum of its own",
    async (_, setup) => {
      const { model, referenced, prompt, output, gpu, memory, count, utilisation } = setup;
      const file = {
        format: "helix-place/cluster@1",
        name: "today",
        model,
        workload: { promptTokens: prompt, outputTokens: output },
        gpus: {
          Mac: { memory: "64 GB", bandwidth: "546 GB/s", tflops: 17, unifiedMemory: true },
        },
        machines: { m: { gpu } },
        nodes: [{ id: "n", machine: "m", count }],
        network: { withinRegion: { bandwidth: "10 GB/s", latency: "0.1 ms" } },
      };
      const cluster = resolveCluster("today.json", file, referenced);
      const options = { iterationLimit: 1, threads: 0 };
      const outcome = await plan(cluster, options, createNodePorts());
      expect(outcome.kind).toBe("planned");
      if (outcome.kind !== "planned") return;
      for (const interval of outcome.placement) {
        if (interval === null) continue;
        const bytes = needed(cluster.model, interval[0], interval[1], prompt + output);
        expect(bytes).toBeLessThanOrEqual(memory * utilisation - RESERVE);
      }
    },
    120_000,
  );
});
