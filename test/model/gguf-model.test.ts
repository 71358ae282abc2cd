import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listLayers } from "../../src/core/model.js";
import { readGgufModel } from "../../src/model/gguf-model.js";
import type { GgufOutcome } from "../../src/model/gguf-model.js";
import { writeGguf } from "./gguf-writer.js";
import type { SampleTensor } from "./gguf-writer.js";

const F32 = 0;
const Q4_K = 12;
const Q6_K = 14;

const METADATA = {
  "general.architecture": "llama",
  "llama.block_count": 3,
  "llama.embedding_length": 512,
  "llama.attention.head_count": 8,
  "llama.attention.head_count_kv": 2,
  "tokenizer.ggml.tokens": ["<s>", "</s>", "ä"],
};

function layer(index: number, type: number): readonly SampleTensor[] {
  return [
    { name: `blk.${index}.attn_q.weight`, dimensions: [512, 512], type },
    { name: `blk.${index}.ffn_up.weight`, dimensions: [512, 1024], type },
    { name: `blk.${index}.attn_norm.weight`, dimensions: [512], type: F32 },
  ];
}

const TENSORS: readonly SampleTensor[] = [
  { name: "token_embd.weight", dimensions: [512, 1000], type: Q4_K },
  ...layer(0, Q6_K),
  ...layer(1, Q4_K),
  ...layer(2, Q4_K),
  { name: "output_norm.weight", dimensions: [512], type: F32 },
];

function read(bytes: Uint8Array): Extract<GgufOutcome, { kind: "model" }> {
  const outcome = readGgufModel(bytes, "tiny");
  if (outcome.kind !== "model") throw new Error(JSON.stringify(outcome));
  return outcome;
}

const elements = 512 * 512 + 512 * 1024;
const q4Layer = (elements / 256) * 144 + 512 * 4;
const q6Layer = (elements / 256) * 210 + 512 * 4;
const embedding = ((512 * 1000) / 256) * 144;

describe("readGgufModel", () => {
  it("adds up the bytes of every layer exactly", () => {
    const { model, report } = read(writeGguf(METADATA, TENSORS));
    expect(listLayers(model).map((layer) => layer.bytes)).toEqual([q6Layer, q4Layer, q4Layer]);
    expect(model.layerBytes).toBe(q6Layer);
    expect(model.embeddingBytes).toBe(embedding);
    expect(model.headBytes).toBe(512 * 4 + embedding);
    expect(report.parameters).toBe(512 * 1000 + 3 * (elements + 512) + 512);
  });

  it("counts an output matrix of its own instead of the embedding", () => {
    const output = { name: "output.weight", dimensions: [512, 1000], type: Q6_K };
    const { model } = read(writeGguf(METADATA, [...TENSORS, output]));
    expect(model.headBytes).toBe(512 * 4 + ((512 * 1000) / 256) * 210);
  });

  it("reads the cache from the heads, by layer where they differ, and from a latent rank", () => {
    expect(read(writeGguf(METADATA, TENSORS)).model.kvBytesPerToken).toBe(2 * 2 * 64 * 2);
    const varied = { ...METADATA, "llama.attention.head_count_kv": [2, 1, 2] };
    expect(
      listLayers(read(writeGguf(varied, TENSORS)).model).map((layer) => layer.kvBytesPerToken),
    ).toEqual([512, 256, 512]);
    const latent = {
      ...METADATA,
      "llama.attention.kv_lora_rank": 96,
      "llama.rope.dimension_count": 32,
    };
    expect(read(writeGguf(latent, TENSORS)).model.kvBytesPerToken).toBe(128 * 2);
  });

  it("asks for more whenever the header is cut, and never throws", () => {
    const bytes = writeGguf(METADATA, TENSORS);
    for (let length = 0; length < bytes.length; length++) {
      expect(readGgufModel(bytes.subarray(0, length), "x").kind).toBe("incomplete");
    }
  });

  it("survives any bytes", () => {
    const header = writeGguf(METADATA, TENSORS);
    fc.assert(
      fc.property(fc.nat(header.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(header);
        bytes[at] = byte;
        expect(["model", "incomplete", "problems"]).toContain(readGgufModel(bytes, "x").kind);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it.each([
    ["another magic", Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), "byte 0"],
    ["an old version", writeGguf(METADATA, TENSORS, 1), "byte 4"],
    ["no architecture", writeGguf({}, TENSORS), "general.architecture"],
    ["an unknown tensor type", writeGguf(METADATA, [{ ...TENSORS[0]!, type: 99 }]), "byte"],
    ["a layer without tensors", writeGguf({ ...METADATA, "llama.block_count": 4 }, TENSORS), ""],
  ])("refuses %s", (_, bytes, path) => {
    const outcome = readGgufModel(bytes, "x");
    expect(outcome.kind === "problems" && outcome.problems[0]!.path.startsWith(path)).toBe(true);
  });
});
