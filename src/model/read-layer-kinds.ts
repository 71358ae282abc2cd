import type { ShapeContext } from "./read-shape.js";
import { isObject } from "./config-fields.js";

/** What stands in a layer. */
export interface LayerKind {
  readonly mixer: MixerKind;
  /** Absent: as the keys of the experts say. */
  readonly feedForward?: "dense" | "experts" | "none";
}

export type MixerKind = "full" | "local" | "linear" | "mamba" | "convolution" | "none";

/** The names that layers go by in `layer_types` and `layers_block_type`. */
const NAMED: Readonly<Record<string, LayerKind>> = {
  full_attention: { mixer: "full" },
  attention: { mixer: "full" },
  global_attention: { mixer: "full" },
  global: { mixer: "full" },
  sliding_attention: { mixer: "local" },
  chunked_attention: { mixer: "local" },
  local: { mixer: "local" },
  linear_attention: { mixer: "linear" },
  mamba: { mixer: "mamba" },
  mamba2: { mixer: "mamba" },
  conv: { mixer: "convolution" },
};

/** Where a layer is one part alone: Nemotron-H. */
const ALONE: Readonly<Record<string, LayerKind>> = {
  M: { mixer: "mamba", feedForward: "none" },
  "*": { mixer: "full", feedForward: "none" },
  "-": { mixer: "none", feedForward: "dense" },
  E: { mixer: "none", feedForward: "experts" },
  mamba: { mixer: "mamba", feedForward: "none" },
  attention: { mixer: "full", feedForward: "none" },
  mlp: { mixer: "none", feedForward: "dense" },
  moe: { mixer: "none", feedForward: "experts" },
};

/** Which mixer every layer has, from whichever key says so. */
export function readLayerKinds(context: ShapeContext): readonly LayerKind[] {
  const { fields, layers } = context;
  const pattern = fields.text("hybrid_override_pattern");
  if (pattern !== undefined)
    return fromNames(context, "hybrid_override_pattern", pattern.split(""), ALONE);
  if (context.type === "nemotron_h" && fields.value("layers_block_type") !== undefined)
    return fromNames(context, "layers_block_type", fields.list("layers_block_type") ?? [], ALONE);
  const named = fields.list("layer_types") ?? fields.list("layers_block_type");
  if (named !== undefined) {
    const key = fields.value("layer_types") === undefined ? "layers_block_type" : "layer_types";
    for (const known of ["full_attention_interval", "attn_type_list"]) fields.value(known);
    return fromNames(context, key, named, NAMED);
  }
  const types = fields.list("attn_type_list") ?? fields.list("hybrid_layer_pattern");
  if (types !== undefined) {
    const local = fields.value("attn_type_list") === undefined;
    const key = local ? "hybrid_layer_pattern" : "attn_type_list";
    const names: Readonly<Record<string, LayerKind>> = local
      ? { 0: { mixer: "full" }, 1: { mixer: "local" } }
      : { 0: { mixer: "linear" }, 1: { mixer: "full" } };
    return fromNames(context, key, types, names);
  }
  const full = readFullLayers(context);
  if (full !== undefined) {
    return spread(layers, (layer) => ({ mixer: full.only(layer) ? "full" : full.others }));
  }
  const local = readLocalLayers(context);
  return spread(layers, (layer) => ({ mixer: local(layer) ? "local" : "full" }));
}

function fromNames(
  { fields, layers, assumptions }: ShapeContext,
  key: string,
  names: readonly unknown[],
  known: Readonly<Record<string, LayerKind>>,
): readonly LayerKind[] {
  const repeated = names.length < layers && layers % names.length === 0;
  if (repeated) {
    assumptions.push({
      what: `${key} has ${names.length} entries for ${layers} layers`,
      where: key,
      effect: "taken as a pattern that repeats",
    });
  } else if (names.length !== layers) {
    fields.problems.push({
      path: key,
      found: `${names.length} entries`,
      expected: `${layers}, one for each layer`,
      remedy: "Check that this is the config.json of a language model.",
    });
  }
  const unknown = names.find((name) => !Object.hasOwn(known, String(name)));
  if (unknown !== undefined) {
    fields.problems.push({
      path: key,
      found: JSON.stringify(unknown),
      expected: Object.keys(known).join(", "),
      remedy:
        "This kind of layer is not understood: give the layers as a list in the cluster file.",
    });
  }
  return spread(layers, (layer) => {
    const name = String(names[layer % Math.max(1, names.length)]);
    return Object.hasOwn(known, name) ? known[name]! : { mixer: "full" };
  });
}

interface FullLayers {
  only(layer: number): boolean;
  readonly others: MixerKind;
}

/** Hybrids that say which layers attend to everything; the others are of another kind. */
function readFullLayers({ fields, layers }: ShapeContext): FullLayers | undefined {
  const kimi = fields.value("linear_attn_config");
  if (isObject(kimi)) {
    const full = Array.isArray(kimi.full_attn_layers) ? kimi.full_attn_layers : undefined;
    if (full === undefined) fields.refuse("linear_attn_config", "an object with full_attn_layers");
    return { only: (layer) => full?.includes(layer + 1) === true, others: "linear" };
  }
  const interval = fields.count(["full_attention_interval"], layers);
  if (interval !== undefined)
    return { only: (layer) => (layer + 1) % interval === 0, others: "linear" };
  const period = fields.count(["attn_layer_period"], layers);
  if (period !== undefined) {
    const offset = fields.count(["attn_layer_offset"]) ?? 0;
    return { only: (layer) => layer % period === offset, others: "mamba" };
  }
  const indices = fields.list("attn_layer_indices");
  if (indices !== undefined) return { only: (layer) => indices.includes(layer), others: "mamba" };
  const convolutions = fields.list("full_attn_idxs");
  if (convolutions !== undefined)
    return { only: (layer) => convolutions.includes(layer), others: "convolution" };
  return undefined;
}

/** Which layers look at a window only, where no list says so. */
function readLocalLayers({ fields, family, layers }: ShapeContext): (layer: number) => boolean {
  const window = fields.count(["sliding_window", "sliding_window_size", "attention_chunk_size"]);
  const wanted = fields.flag("use_sliding_window");
  const first = fields.count(["max_window_layers"]) ?? 0;
  const everywhere = fields.list("no_rope_layers");
  const pattern =
    fields.text("sliding_window_pattern") ??
    fields.count(["sliding_window_pattern", "_sliding_window_pattern"], layers) ??
    family.fullEvery;
  if (window === undefined || wanted === false) return () => false;
  if (family.windowOnDemand === true) return (layer) => wanted === true && layer >= first;
  if (everywhere !== undefined && everywhere.length === layers)
    return (layer) => everywhere[layer] !== 0;
  if (typeof pattern === "string")
    return (layer) => pattern[layer % pattern.length] === "L" && layer !== layers - 1;
  return (layer) => pattern === undefined || (layer + 1) % pattern !== 0;
}

function spread(layers: number, kind: (layer: number) => LayerKind): readonly LayerKind[] {
  return Array.from({ length: layers }, (_, layer) => kind(layer));
}
