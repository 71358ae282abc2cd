import type { ConfigFields } from "./config-fields.js";
import type { ModelFamily } from "./model-families.js";
import type { ExpertShape } from "../core/model-shape.js";

const EXPERTS = ["num_local_experts", "n_routed_experts", "moe_num_experts", "num_experts"];
const ACTIVE = [
  "num_experts_per_tok",
  "num_experts_per_token",
  "experts_per_token",
  "moe_top_k",
  "moe_topk",
  "top_k_experts",
];
const EXPERT_WIDTH = ["moe_intermediate_size", "expert_intermediate_size", "moe_ffn_hidden_size"];

/** The mixture of experts of a config.json, or undefined for a dense model. */
export function readExperts(
  fields: ConfigFields,
  family: ModelFamily,
  layers: number,
): ExpertShape | undefined {
  const total = fields.count(EXPERTS);
  if (total === undefined || total === 1) return undefined;
  const width = fields.count(family.expertsInWidth === true ? ["intermediate_size"] : EXPERT_WIDTH);
  const sharedWidth = family.expertsInWidth === true ? width : readSharedWidth(fields, width);
  const denseLayers = readDenseLayers(fields, layers);
  return {
    total,
    active: Math.min(total, fields.required(ACTIVE, "the experts that each token visits")),
    ...(width === undefined ? {} : { intermediateSize: width }),
    ...(sharedWidth === undefined ? {} : { sharedIntermediateSize: sharedWidth }),
    ...(family.sharedGate === true ? { sharedGate: true } : {}),
    ...(family.routerBias === true ? { routerBias: true } : {}),
    ...(family.expertBias === true ? { expertBias: true } : {}),
    ...(denseLayers.length === 0 ? {} : { denseLayers }),
  };
}

function readSharedWidth(fields: ConfigFields, width: number | undefined): number | undefined {
  const given = fields.count(["shared_expert_intermediate_size"]);
  if (given !== undefined) return given;
  const count = fields.count(["n_shared_experts", "num_shared_experts", "moe_num_shared_experts"]);
  if (count === undefined) return undefined;
  return count * (width ?? fields.required(["intermediate_size"], "the width of the experts"));
}

/** Layers without experts: the first few, listed ones, and those off the step. */
function readDenseLayers(fields: ConfigFields, layers: number): readonly number[] {
  const first = fields.count(["first_k_dense_replace", "num_dense_layers"]) ?? 0;
  const listed = fields.list("mlp_only_layers") ?? [];
  const sparse = fields.list("moe_layers");
  const step =
    fields.count(["decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_freq"]) ?? 1;
  return Array.from({ length: layers }, (_, layer) => layer).filter((layer) => {
    if (sparse !== undefined) return !sparse.includes(layer);
    return layer < first || listed.includes(layer) || (layer + 1) % step !== 0;
  });
}
