import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Capacity } from "../../src/core/capacity.js";
import { layerRuns, listLayers } from "../../src/core/model.js";
import type { Model } from "../../src/core/model.js";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { openModel } from "../../src/node/open-files.js";
import { resolveCapacities } from "../../src/hardware/resolve-capacities.js";
import { readHuggingFaceConfig } from "../../src/model/hugging-face-config.js";
import { writeGguf } from "../model/gguf-writer.js";
import type { SampleTensor } from "../model/gguf-writer.js";

const F32 = 0;
const F16 = 1;
const Q4_0 = 2;

const H = 2048;
const LAYERS = 12;
const COMMON = {
  hidden_size: H,
  num_hidden_layers: LAYERS,
  num_attention_heads: 16,
  num_key_value_heads: 4,
  head_dim: 128,
  intermediate_size: 6144,
  vocab_size: 32_000,
};
const NAMES = { layers: "block_count", hidden: "embedding_length" };

interface Sample {
  readonly name: string;
  readonly config: object;
  readonly metadata: Readonly<Record<string, number | readonly number[]>>;
  readonly architecture: string;
  readonly type: number;
  /** Tensors of a layer as [name, rows, columns …]; vectors have one dimension. */
  readonly layer: (index: number) => readonly (readonly [string, ...number[]])[];
}

const attention = [
  ["attn_q", H, 2048],
  ["attn_k", H, 512],
  ["attn_v", H, 512],
  ["attn_output", 2048, H],
] as const;
const dense = [
  ["ffn_gate", H, 6144],
  ["ffn_up", H, 6144],
  ["ffn_down", 6144, H],
] as const;
const norms = [
  ["attn_norm", H],
  ["ffn_norm", H],
] as const;
const experts = [
  ["ffn_gate_inp", H, 32],
  ["ffn_gate_exps", H, 768, 32],
  ["ffn_up_exps", H, 768, 32],
  ["ffn_down_exps", 768, H, 32],
] as const;
const HEADS = { "attention.head_count": 16, "attention.head_count_kv": 4 };
const KEYS = { "attention.key_length": 128, "attention.value_length": 128 };
const MIXTURE = {
  num_experts: 32,
  num_experts_per_tok: 4,
  moe_intermediate_size: 768,
};

const SAMPLES: readonly Sample[] = [
  {
    name: "dense",
    config: { ...COMMON, model_type: "llama" },
    architecture: "llama",
    metadata: { ...HEADS, ...KEYS },
    type: F16,
    layer: () => [...attention, ...dense, ...norms],
  },
  {
    name: "4 bits",
    config: {
      ...COMMON,
      model_type: "llama",
      quantization_config: {
        quant_method: "compressed-tensors",
        ignore: [],
        config_groups: {
          group_0: {
            targets: ["Linear"],
            weights: { num_bits: 4, group_size: 32, type: "int", symmetric: true },
          },
        },
      },
    },
    architecture: "llama",
    metadata: { ...HEADS, ...KEYS },
    type: Q4_0,
    layer: () => [...attention, ...dense, ...norms],
  },
  {
    name: "mixture of experts",
    config: { ...COMMON, ...MIXTURE, model_type: "qwen3_moe" },
    architecture: "qwen3moe",
    metadata: { ...HEADS, ...KEYS, expert_count: 32, expert_used_count: 4 },
    type: F16,
    layer: () => [...attention, ...experts, ...norms],
  },
  {
    name: "latent attention",
    config: {
      ...COMMON,
      model_type: "deepseek_v2",
      kv_lora_rank: 512,
      q_lora_rank: null,
      qk_nope_head_dim: 128,
      qk_rope_head_dim: 64,
      v_head_dim: 128,
    },
    architecture: "deepseek2",
    metadata: {
      "attention.head_count": 16,
      "attention.head_count_kv": 1,
      "attention.key_length": 576,
      "attention.value_length": 512,
      "attention.key_length_mla": 192,
      "attention.value_length_mla": 128,
      "attention.kv_lora_rank": 512,
      "rope.dimension_count": 64,
    },
    type: F16,
    layer: () => [
      ["attn_q", H, 16 * 192],
      ["attn_kv_a_mqa", H, 576],
      ["attn_k_b", 128, 512, 16],
      ["attn_v_b", 512, 128, 16],
      ["attn_output", 2048, H],
      ...dense,
      ...norms,
    ],
  },
  {
    name: "hybrid",
    config: {
      ...COMMON,
      model_type: "qwen3_next",
      attn_output_gate: false,
      full_attention_interval: 4,
      linear_num_key_heads: 16,
      linear_num_value_heads: 32,
      linear_key_head_dim: 128,
      linear_value_head_dim: 128,
      linear_conv_kernel_dim: 4,
      mamba_ssm_dtype: "float32",
    },
    architecture: "qwen3next",
    metadata: {
      ...HEADS,
      ...KEYS,
      "ssm.conv_kernel": 4,
      "ssm.inner_size": 4096,
      "ssm.state_size": 128,
      "ssm.group_count": 16,
    },
    type: F16,
    layer: (index) =>
      index % 4 === 3
        ? [...attention, ...dense, ...norms]
        : [
            ["ssm_in", H, 2 * 2048 + 2 * 4096],
            ["ssm_ba", H, 64],
            ["ssm_conv1d", 4, 8192],
            ["ssm_out", 4096, H],
            ...dense,
            ...norms,
          ],
  },
];

function tensorsOf({ layer, type }: Sample): readonly SampleTensor[] {
  const tensor = (name: string, dimensions: readonly number[]): SampleTensor => ({
    name,
    dimensions,
    type: dimensions.length === 1 ? F32 : type,
  });
  return [
    { ...tensor("token_embd.weight", [H, 32_000]), type: F16 },
    ...Array.from({ length: LAYERS }, (_, index) =>
      layer(index).map(([name, ...dimensions]) =>
        tensor(`blk.${index}.${name}.weight`, dimensions),
      ),
    ).flat(),
    tensor("output_norm.weight", [H]),
    tensor("output.weight", [H, 32_000]),
  ];
}

function metadataOf({
  architecture,
  metadata,
}: Sample): Record<string, string | number | readonly number[]> {
  const keys = { [NAMES.layers]: LAYERS, [NAMES.hidden]: H, ...metadata };
  return {
    "general.architecture": architecture,
    ...Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [`${architecture}.${key}`, value]),
    ),
  };
}

const folder = mkdtempSync(join(tmpdir(), "models-"));
const noText = (): Promise<string> => Promise.reject(new Error("no text wanted"));

async function readParts(sample: Sample, parts: number): Promise<Model> {
  const tensors = tensorsOf(sample);
  const each = Math.ceil(tensors.length / parts);
  const name = (part: number): string =>
    parts === 1
      ? join(folder, `${sample.architecture}-${sample.type}.gguf`)
      : join(folder, `${sample.architecture}-${sample.type}-0000${part + 1}-of-0000${parts}.gguf`);
  for (let part = 0; part < parts; part++) {
    const keys =
      parts === 1
        ? metadataOf(sample)
        : {
            ...(part === 0 ? metadataOf(sample) : {}),
            "split.no": part,
            "split.count": parts,
            "split.tensors.count": tensors.length,
          };
    writeFileSync(name(part), writeGguf(keys, tensors.slice(part * each, (part + 1) * each)));
  }
  return (await openModel(name(0), {}, noText)).model;
}

function readConfig({ config }: Sample): Model {
  const outcome = readHuggingFaceConfig(config, { name: "config" });
  if (outcome.kind !== "model") throw new Error(JSON.stringify(outcome.problems));
  return outcome.model;
}

/** The list that somebody would write from the config's own figures. */
function readListed(model: Model): Model {
  const layers = layerRuns(model).map((run) => ({
    count: run.count,
    bytes: run.bytes,
    kvBytesPerToken: run.kvBytesPerToken,
    stateBytes: run.stateBytes,
    activeParameters: run.activeParameters,
    expertBytes: run.expertBytes,
    expertShare: run.expertShare,
    ...(run.cacheHeads === undefined ? {} : { cacheHeads: run.cacheHeads }),
  }));
  const { activationBytes, embeddingBytes, headBytes } = model;
  const listed = { name: "listed", activationBytes, embeddingBytes, headBytes, layers };
  const file = {
    format: "helix-place/cluster@1",
    name: "x",
    model: listed,
    machines: { m: { gpu: "A100-40GB" } },
    nodes: [{ id: "n", machine: "m" }],
    network: { withinRegion: { bandwidth: "1 GB/s" } },
  };
  return loadCluster("x.json", JSON.stringify(file)).cluster.model;
}

function capacity(model: Model): Capacity {
  const workload = { name: "w", promptTokens: 600, outputTokens: 300 };
  const machines = [{ name: "m", gpu: "L4", gpus: 1, nicBytesPerSecond: Infinity }];
  const [outcome] = resolveCapacities({ machines, counts: [2], model, workload });
  if (outcome?.kind !== "capacity") throw new Error(JSON.stringify(outcome));
  return outcome.capacity;
}

const bytesOf = (model: Model): number =>
  listLayers(model).reduce((sum, { bytes }) => sum + bytes, 0) +
  model.embeddingBytes! +
  model.headBytes!;

describe.each(SAMPLES.map((sample) => [sample.name, sample] as const))(
  "%s as config, GGUF, split GGUF and list",
  (_, sample) => {
    it("has the same memory within 1 % and the same speed within 2 %", async () => {
      const config = readConfig(sample);
      const expected = capacity(config);
      const others = [await readParts(sample, 1), await readParts(sample, 3), readListed(config)];
      for (const model of others) {
        expect(Math.abs(bytesOf(model) / bytesOf(config) - 1)).toBeLessThan(0.01);
        const found = capacity(model);
        expect(found.maxLayers).toBe(expected.maxLayers);
        found.tokensPerSecond.forEach((rate, index) => {
          expect(Math.abs(rate / expected.tokensPerSecond[index]! - 1)).toBeLessThan(0.02);
          const tokens = found.kvCacheTokens![index]! / expected.kvCacheTokens![index]!;
          expect(Math.abs(tokens - 1)).toBeLessThan(0.01);
        });
      }
    });
  },
);

describe("split GGUF files", () => {
  it("refuses a set of which a part or a tensor is missing", async () => {
    const sample = SAMPLES[0]!;
    const tensors = tensorsOf(sample);
    const path = join(folder, "cut-00001-of-00002.gguf");
    const keys = { ...metadataOf(sample), "split.no": 0, "split.count": 2 };
    writeFileSync(
      path,
      writeGguf({ ...keys, "split.tensors.count": tensors.length }, tensors.slice(0, 9)),
    );
    const missing = (file: string): Promise<string> => Promise.reject(new Error(`no ${file}`));
    await expect(openModel(path, {}, missing)).rejects.toThrow("00002-of-00002");
    const second = join(folder, "cut-00002-of-00002.gguf");
    writeFileSync(second, writeGguf({ "split.no": 1, "split.count": 2 }, tensors.slice(9, -1)));
    await expect(openModel(path, {}, missing)).rejects.toThrow("split.tensors.count");
  });
});
