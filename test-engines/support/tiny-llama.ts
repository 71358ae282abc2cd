import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../src/core/random.js";
import { encodeGguf, type GgufEntry, type GgufTensorData } from "./gguf-writer.js";

/** A Llama small enough for a processor, with random weights. */
export interface TinyLlama {
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly context: number;
}

/** One token per byte, behind three special ones. */
const SPECIAL = ["<unk>", "<s>", "</s>"] as const;
const VOCABULARY = 320;
const EPSILON = 1e-5;

/** Writes the model as Hugging Face lays it out, without weights; vLLM makes them up itself. */
export function writeHuggingFace(model: TinyLlama, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  write("config.json", {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: model.hidden,
    intermediate_size: model.feedForward,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.keyValueHeads,
    head_dim: model.hidden / model.heads,
    vocab_size: VOCABULARY,
    max_position_embeddings: model.context,
    rms_norm_eps: EPSILON,
    rope_theta: 10_000,
    hidden_act: "silu",
    torch_dtype: "bfloat16",
    bos_token_id: 1,
    eos_token_id: 2,
    tie_word_embeddings: false,
  });
  write("tokenizer.json", describeTokenizer());
  write("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    unk_token: SPECIAL[0],
    bos_token: SPECIAL[1],
    eos_token: SPECIAL[2],
    model_max_length: model.context,
  });
}

/** Byte-level BPE without merges: every byte stays a token. */
function describeTokenizer(): object {
  const names = byteNames();
  const entries = [...SPECIAL, ...names].map((name, id) => [name, id] as const);
  const special = SPECIAL.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: { ...byteLevel, use_regex: true },
    post_processor: null,
    decoder: { ...byteLevel, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(entries),
      merges: [],
    },
  };
}

/** The characters that stand for the 256 bytes in byte-level tokenizers, as GPT-2 has them. */
function byteNames(): readonly string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173);
    return String.fromCodePoint(printable ? byte : next++);
  });
}

/** Writes the model as a GGUF file in 16 bits, with random weights from `seed`. */
export function writeGguf(model: TinyLlama, path: string, seed = 1): void {
  writeFileSync(path, encodeGguf(describeMetadata(model), listTensors(model, seed)));
}

function describeMetadata(model: TinyLlama): readonly GgufEntry[] {
  const { hidden, heads } = model;
  const bytes = Array.from({ length: 256 }, (_, byte) => hexToken(byte));
  const spare = VOCABULARY - SPECIAL.length - bytes.length;
  const unused = Array.from({ length: spare }, (_, index) => `<unused${index}>`);
  const tokens = [...SPECIAL, ...bytes, ...unused];
  return [
    ["general.architecture", "string", "llama"],
    ["general.name", "string", "tiny-llama"],
    ["llama.block_count", "uint32", model.layers],
    ["llama.context_length", "uint32", model.context],
    ["llama.embedding_length", "uint32", hidden],
    ["llama.feed_forward_length", "uint32", model.feedForward],
    ["llama.attention.head_count", "uint32", heads],
    ["llama.attention.head_count_kv", "uint32", model.keyValueHeads],
    ["llama.attention.layer_norm_rms_epsilon", "float32", EPSILON],
    ["llama.rope.dimension_count", "uint32", hidden / heads],
    ["tokenizer.ggml.model", "string", "llama"],
    ["tokenizer.ggml.tokens", "strings", tokens],
    ["tokenizer.ggml.scores", "float32s", tokens.map(() => 0)],
    // 2 unknown, 3 control, 6 byte, 5 unused.
    [
      "tokenizer.ggml.token_type",
      "int32s",
      tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 5)),
    ],
    ["tokenizer.ggml.unknown_token_id", "uint32", 0],
    ["tokenizer.ggml.bos_token_id", "uint32", 1],
    ["tokenizer.ggml.eos_token_id", "uint32", 2],
    ["tokenizer.ggml.add_bos_token", "bool", true],
    ["tokenizer.ggml.add_space_prefix", "bool", false],
  ];
}

function hexToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

function listTensors(model: TinyLlama, seed: number): readonly GgufTensorData[] {
  const { hidden, feedForward, heads, keyValueHeads } = model;
  const narrow = (hidden / heads) * keyValueHeads;
  const random = createRandom(seed);
  const norm = (name: string): GgufTensorData => ({
    name: `${name}.weight`,
    shape: [hidden],
    type: "f32",
    data: new Uint8Array(new Float32Array(hidden).fill(1).buffer),
  });
  const matrix = (name: string, columns: number, rows: number): GgufTensorData => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    type: "f16",
    data: randomHalves(columns * rows, random.next),
  });
  const blocks = Array.from({ length: model.layers }, (_, layer) => [
    norm(`blk.${layer}.attn_norm`),
    matrix(`blk.${layer}.attn_q`, hidden, hidden),
    matrix(`blk.${layer}.attn_k`, hidden, narrow),
    matrix(`blk.${layer}.attn_v`, hidden, narrow),
    matrix(`blk.${layer}.attn_output`, hidden, hidden),
    norm(`blk.${layer}.ffn_norm`),
    matrix(`blk.${layer}.ffn_gate`, hidden, feedForward),
    matrix(`blk.${layer}.ffn_up`, hidden, feedForward),
    matrix(`blk.${layer}.ffn_down`, feedForward, hidden),
  ]);
  return [
    matrix("token_embd", hidden, VOCABULARY),
    ...blocks.flat(),
    norm("output_norm"),
    matrix("output", hidden, VOCABULARY),
  ];
}

/** Numbers of 16 bits between 2⁻⁷ and 2⁻⁵, of either sign. */
function randomHalves(count: number, next: () => number): Uint8Array {
  const halves = new Uint16Array(count);
  // A few thousand different numbers are random enough, and quick to repeat.
  const period = Math.min(count, 8191);
  for (let at = 0; at < period; at += 1) {
    const bits = Math.floor(next() * 4096);
    const exponent = 8 + (bits & 1);
    halves[at] = ((bits & 2) << 14) | (exponent << 10) | (bits >> 2);
  }
  for (let at = period; at < count; at += period) {
    halves.set(halves.subarray(0, Math.min(period, count - at)), at);
  }
  return new Uint8Array(halves.buffer);
}
