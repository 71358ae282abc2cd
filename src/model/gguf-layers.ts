import { largest } from "../core/extremes.js";
import type { Problem } from "../core/errors.js";
import type { Assumption, LayerRun } from "../core/model.js";
import type { GgufHeader, GgufTensor } from "./gguf-header.js";
import type { GgufValue } from "./gguf-reader.js";

/** The layers of a GGUF file, one run each. */
export type GgufLayers =
  | {
      readonly kind: "layers";
      readonly architecture: string;
      readonly hiddenSize: number;
      readonly runs: readonly LayerRun[];
      readonly assumptions: readonly Assumption[];
    }
  | { readonly kind: "problem"; readonly problem: Problem };

const KV_ELEMENT_BYTES = 2;
/** Recurrent states in 32 bits, those of convolutions in 16, as for a config.json of the same model. */
const STATE_ELEMENT_BYTES = 4;
const CONVOLUTION_BYTES = 2;
const MOST_LAYERS = 10_000;
const LAYER = /^blk\.(\d+)\.(.*)$/;

/** Every so many layers one looks at everything, where the file gives only the window (llama.cpp's own). */
const FULL_EVERY: Readonly<Record<string, number>> = {
  gemma2: 2,
  gemma3: 6,
  "gpt-oss": 2,
  cohere2: 4,
  llama4: 4,
  exaone4: 4,
  olmo2: 4,
  phi3: Infinity,
};

/** What is read of the metadata, by key below the architecture. */
interface Facts {
  number(key: string): number | undefined;
  value(key: string): GgufValue | undefined;
  perLayer(key: string, otherwise: number): readonly number[];
}

export function readGgufLayers(header: GgufHeader): GgufLayers {
  const architecture = header.metadata.get("general.architecture");
  if (typeof architecture !== "string") return missing("general.architecture", "a text");
  const blocks = toNumber(header.metadata.get(`${architecture}.block_count`));
  const extra = toNumber(header.metadata.get(`${architecture}.nextn_predict_layers`)) ?? 0;
  const layers = blocks === undefined ? undefined : blocks - extra;
  if (layers === undefined || !(layers > 0 && layers <= MOST_LAYERS)) {
    const found = String(blocks);
    return refuse(`${architecture}.block_count`, found, `1 to ${MOST_LAYERS} layers`);
  }
  const facts = createFacts(header, architecture, layers);
  const hiddenSize = facts.number("embedding_length");
  if (hiddenSize === undefined) return missing(`${architecture}.embedding_length`, "hidden size");
  if (facts.value("attention.head_count") === undefined)
    return missing(`${architecture}.attention.head_count`, "heads");
  const tensors = tensorsByLayer(header.tensors, layers);
  const empty = tensors.findIndex((list) => list.length === 0);
  if (empty >= 0) {
    return refuse("", `no tensor of layer ${empty}`, "tensors of every layer (blk.N.*)");
  }
  const assumptions: Assumption[] = [];
  const local = readWindow(facts, architecture, layers, assumptions);
  const cache = createCaches(facts, hiddenSize);
  const share = (facts.number("expert_used_count") ?? 1) / (facts.number("expert_count") || 1);
  const runs = tensors.map((list, layer): LayerRun => {
    const window = local(layer);
    return {
      count: 1,
      ...weights(list, Math.min(1, share)),
      ...cache(list, layer),
      ...(window === undefined ? {} : { kvWindow: window }),
      productBits: 16,
    };
  });
  return { kind: "layers", architecture, hiddenSize, runs, assumptions };
}

function createFacts(header: GgufHeader, architecture: string, layers: number): Facts {
  const value = (key: string): GgufValue | undefined =>
    header.metadata.get(`${architecture}.${key}`);
  return {
    value,
    number: (key) => toNumber(value(key)),
    perLayer(key, otherwise) {
      const found = value(key);
      if (typeof found === "object")
        return Array.from({ length: layers }, (_, layer) => found.numbers[layer] ?? 0);
      return Array.from({ length: layers }, () => toNumber(found) ?? otherwise);
    },
  };
}

function tensorsByLayer(tensors: readonly GgufTensor[], layers: number): GgufTensor[][] {
  const lists = Array.from({ length: layers }, (): GgufTensor[] => []);
  for (const tensor of tensors) {
    const layer = Number(LAYER.exec(tensor.name)?.[1] ?? -1);
    if (layer >= 0 && layer < layers) lists[layer]!.push(tensor);
  }
  return lists;
}

/** Routed experts lie together in tensors named `…_exps`. */
function weights(
  tensors: readonly GgufTensor[],
  share: number,
): Pick<LayerRun, "bytes" | "expertBytes" | "expertShare" | "activeParameters"> {
  let [bytes, expertBytes, active] = [0, 0, 0];
  for (const tensor of tensors) {
    const expert = /_exps\b/.test(tensor.name);
    bytes += tensor.bytes;
    active += tensor.elements * (expert ? share : 1);
    if (expert) expertBytes += tensor.bytes;
  }
  return {
    bytes,
    expertBytes,
    expertShare: expertBytes === 0 ? 1 : share,
    activeParameters: active,
  };
}

type Cache = Pick<LayerRun, "kvBytesPerToken" | "attentionFlops" | "stateBytes" | "cacheHeads">;

/** What a layer keeps: by its tensors, as hybrids do not say in the metadata which layers attend. */
function createCaches(
  facts: Facts,
  hiddenSize: number,
): (tensors: readonly GgufTensor[], layer: number) => Cache {
  const heads = facts.perLayer("attention.head_count", 0);
  const keyValueHeads =
    facts.value("attention.head_count_kv") === undefined
      ? heads
      : facts.perLayer("attention.head_count_kv", 0);
  const keyLength = facts.number("attention.key_length") ?? hiddenSize / largest(heads, 1);
  const valueLength = facts.number("attention.value_length") ?? keyLength;
  const rank = facts.number("attention.kv_lora_rank");
  const rope = facts.number("rope.dimension_count") ?? 0;
  const index = facts.number("attention.indexer.key_length") ?? 0;
  const state = stateBytes(facts, hiddenSize);
  return (tensors, layer) => {
    const has = (pattern: RegExp): boolean => tensors.some(({ name }) => pattern.test(name));
    const recurrent = has(/\.(ssm_conv1d|shortconv)/);
    const attends = !recurrent || has(/\.attn_(k|kv_a_mqa|k_b)\./);
    const latent = rank !== undefined;
    const width = latent
      ? (facts.number("attention.key_length_mla") ?? keyLength) +
        (facts.number("attention.value_length_mla") ?? valueLength)
      : keyLength + valueLength;
    const elements = latent ? rank + rope : keyValueHeads[layer]! * (keyLength + valueLength);
    return {
      kvBytesPerToken: attends ? (elements + index) * KV_ELEMENT_BYTES : 0,
      attentionFlops: attends ? 2 * heads[layer]! * width : 0,
      stateBytes: recurrent ? state : 0,
      ...(attends && elements > 0 ? { cacheHeads: latent ? 1 : keyValueHeads[layer]! } : {}),
    };
  };
}

/** Bytes per sequence of a recurrent layer, in the shapes that llama.cpp gives them. */
function stateBytes(facts: Facts, hiddenSize: number): number {
  const short = facts.number("shortconv.l_cache");
  if (short !== undefined) return hiddenSize * (short - 1) * CONVOLUTION_BYTES;
  const kda = facts.number("kda.head_dim");
  const kernel = facts.number("ssm.conv_kernel") ?? 4;
  if (kda !== undefined) {
    const width = kda * largest(facts.perLayer("attention.head_count", 0), 1);
    return 3 * width * (kernel - 1) * CONVOLUTION_BYTES + width * kda * STATE_ELEMENT_BYTES;
  }
  const inner = facts.number("ssm.inner_size") ?? 0;
  const size = facts.number("ssm.state_size") ?? 0;
  const channels = inner + 2 * (facts.number("ssm.group_count") ?? 0) * size;
  return channels * (kernel - 1) * CONVOLUTION_BYTES + inner * size * STATE_ELEMENT_BYTES;
}

/** The window of a layer, or undefined where it looks at everything. */
function readWindow(
  facts: Facts,
  architecture: string,
  layers: number,
  assumptions: Assumption[],
): (layer: number) => number | undefined {
  const window =
    facts.number("attention.sliding_window") ?? facts.number("attention.chunk_size") ?? 0;
  if (window === 0) return () => undefined;
  const pattern = facts.value("attention.sliding_window_pattern");
  if (typeof pattern === "object" && pattern.numbers.length >= layers)
    return (layer) => (pattern.numbers[layer] === 1 ? window : undefined);
  const every = toNumber(pattern) ?? FULL_EVERY[architecture];
  if (every === undefined) {
    assumptions.push({
      what: `which layers keep only ${window} tokens is not in the file`,
      where: `${architecture}.attention.sliding_window`,
      effect: "the cache of all layers is counted in full",
    });
    return () => undefined;
  }
  return (layer) => ((layer + 1) % every === 0 ? undefined : window);
}

function toNumber(value: GgufValue | undefined): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

function missing(key: string, what: string): GgufLayers {
  return refuse(key, "nothing", what);
}

function refuse(path: string, found: string, expected: string): GgufLayers {
  const remedy = "Convert the model again, or give its config.json.";
  return { kind: "problem", problem: { path, found, expected, remedy } };
}
