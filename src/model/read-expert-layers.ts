import type { ShapeContext } from "./read-shape.js";

/** Which layers have experts: not the first few, the listed ones, those on the step … */
export function readExpertLayers(context: ShapeContext): (layer: number) => boolean {
  const { fields, layers } = context;
  const first =
    fields.count([
      "first_k_dense_replace",
      "num_dense_layers",
      "moe_layer_start_index",
      "moe_layer_num_skipped",
    ]) ?? 0;
  const last = fields.count(["moe_layer_end_index"]) ?? layers - 1;
  const dense = fields.list("mlp_only_layers") ?? [];
  const listed = readListed(context);
  if (listed !== undefined) return (layer) => listed.has(layer);
  const flags = fields.list("moe_layer_freq");
  if (flags !== undefined) {
    if (flags.length !== layers)
      fields.refuse("moe_layer_freq", `a number, or ${layers} entries, one for each layer`);
    return (layer) => flags[layer] !== 0;
  }
  const period = fields.count(["expert_layer_period"]);
  const offset = fields.count(["expert_layer_offset"]) ?? 0;
  if (period !== undefined) return (layer) => layer % period === offset;
  const step =
    fields.count([
      "decoder_sparse_step",
      "interleave_moe_layer_step",
      "moe_layer_freq",
      "moe_layer_interval",
    ]) ?? 1;
  return (layer) =>
    layer >= first && layer <= last && !dense.includes(layer) && (layer + 1) % step === 0;
}

/** Layers by number: Llama 4's list, Step3's text. */
function readListed({ fields }: ShapeContext): ReadonlySet<number> | undefined {
  const list = fields.list("moe_layers");
  if (list !== undefined) return new Set(list.map(Number));
  const text = fields.text("moe_layers_enum");
  if (text === undefined) return undefined;
  const layers = text.split(",").filter((each) => each.trim() !== "");
  if (layers.some((each) => !/^\s*\d+\s*$/.test(each)))
    fields.refuse("moe_layers_enum", "numbers of layers, with commas between them");
  return new Set(layers.map(Number));
}
