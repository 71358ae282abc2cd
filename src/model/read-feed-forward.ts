import { denseBlock, expertBlock } from "./feed-forward-parts.js";
import type { LayerPart } from "./layer-shape.js";
import { readExpertLayers } from "./read-expert-layers.js";
import type { LayerKind } from "./read-layer-kinds.js";
import type { ShapeContext } from "./read-shape.js";

const WIDTH = [
  "intermediate_size",
  "n_inner",
  "ffn_dim",
  "ffn_hidden_size",
  "inner_dim",
  "block_ff_dim",
];
const DENSE_WIDTH = ["dense_intermediate_size", "intermediate_size_mlp"];
/** MiniMax-M2's files name a dense width that no layer has. */
const UNUSED_WIDTH = ["mlp_intermediate_size"];
const EXPERTS = ["num_local_experts", "n_routed_experts", "moe_num_experts", "num_experts"];
const ACTIVE = [
  "num_experts_per_tok",
  "num_experts_per_token",
  "experts_per_token",
  "moe_top_k",
  "moe_topk",
  "moe_k",
  "top_k_experts",
];
const EXPERT_WIDTH = [
  "moe_intermediate_size",
  "expert_intermediate_size",
  "moe_ffn_hidden_size",
  "expert_ffn_hidden_size",
];
const SHARED_WIDTH = [
  "shared_expert_intermediate_size",
  "moe_shared_expert_intermediate_size",
  "share_expert_dim",
  "shared_intermediate_size",
];
const SHARED_COUNT = [
  "n_shared_experts",
  "num_shared_experts",
  "moe_num_shared_experts",
  "num_shared_expert",
];

/** The feed-forward block of every layer, dense or a mixture of experts. */
export function createFeedForward(
  context: ShapeContext,
): (kind: LayerKind, layer: number) => readonly LayerPart[] {
  const { fields, family, layers } = context;
  const totals = fields.perLayer(EXPERTS, layers);
  const mixture = totals.some((total) => total !== undefined && total > 1);
  const expertLayer = mixture ? readExpertLayers(context) : () => false;
  const experts = mixture ? createExperts(context, totals) : () => dense();
  let known: LayerPart | undefined;
  const dense = (): LayerPart => (known ??= readDense(context, mixture));
  const beside = family.denseBeside === true && fields.flag("enable_moe_block") !== false;
  return (kind, layer) => {
    if (kind.feedForward === "none") return [];
    if (kind.feedForward === "dense") return [dense()];
    const mixed =
      kind.feedForward === "experts" || (expertLayer(layer) && (totals[layer] ?? 0) > 1);
    if (!mixed) return [dense()];
    if (family.shortcut === true) return [dense(), dense(), experts(layer)];
    return beside && mixture ? [dense(), experts(layer)] : [experts(layer)];
  };
}

function readDense(context: ShapeContext, mixture: boolean): LayerPart {
  const { fields, family, hiddenSize } = context;
  const shared = mixture ? undefined : fields.count(["shared_intermediate_size"]);
  // Granite's hybrids without experts keep the width of their block under this key.
  const given = fields.count(DENSE_WIDTH) ?? shared ?? fields.count(WIDTH);
  const expansion = fields.count(["expansion_ratio"]) ?? family.expansion;
  const width =
    given ??
    (expansion === undefined
      ? fields.required(WIDTH, "the width of the feed-forward block")
      : expansion * hiddenSize);
  return denseBlock({
    hiddenSize,
    width: adjustedWidth(context, width),
    matrices: family.feedForwardMatrices ?? 3,
    bias: fields.flag("mlp_bias") ?? family.feedForwardBias ?? false,
    places: ["mlp", "feed_forward", "mixer", "shared_mlp"],
  });
}

/** LFM2 takes two thirds of the width, times a factor, up to the next multiple. */
function adjustedWidth({ fields }: ShapeContext, width: number): number {
  if (fields.flag("block_auto_adjust_ff_dim") !== true) return width;
  const factor = Number(fields.value("block_ffn_dim_multiplier") ?? 1);
  const multiple = fields.count(["block_multiple_of"]) ?? 256;
  return multiple * Math.ceil(Math.floor(factor * Math.floor((2 * width) / 3)) / multiple);
}

function createExperts(
  context: ShapeContext,
  totals: readonly (number | undefined)[],
): (layer: number) => LayerPart {
  const { fields, family, hiddenSize, layers } = context;
  const active = fields.perLayer(ACTIVE, layers);
  if (active.every((each) => each === undefined))
    fields.required(ACTIVE, "the experts that each token visits");
  const keys = family.expertsInWidth === true ? ["intermediate_size"] : EXPERT_WIDTH;
  const own = fields.perLayer(keys, layers);
  const width =
    own[0] === undefined
      ? fields.perLayer(WIDTH, layers).map((each) => each ?? requiredWidth(context))
      : own;
  const sharedWidths = fields.perLayer(SHARED_WIDTH, layers);
  const sharedCounts = fields.perLayer(SHARED_COUNT, layers);
  const latentSize = fields.count(["moe_latent_size"]);
  // Read, though a model without dense layers has no use for the width of a dense block.
  for (const key of [...WIDTH, ...DENSE_WIDTH, ...UNUSED_WIDTH]) fields.value(key);
  const zeroExperts = fields.count(["zero_expert_num"]) ?? 0;
  if (zeroExperts > 0) requireIdentity(context);
  const known = new Map<string, LayerPart>();
  return (layer) => {
    const each = width[layer] ?? 1;
    const shared =
      sharedWidths[layer] ??
      (family.expertsInWidth === true ? each : (sharedCounts[layer] ?? 0) * each);
    const total = totals[layer] ?? 1;
    // Experts that do nothing are visited like the others, on average.
    const chosen = ((active[layer] ?? 1) * total) / (total + zeroExperts);
    const visited = Math.min(total, chosen);
    const key = [each, shared, total, visited].join();
    const part =
      known.get(key) ??
      expertBlock({
        hiddenSize,
        matrices: family.feedForwardMatrices ?? 3,
        total,
        active: visited,
        width: each,
        zeroExperts,
        sharedWidth: shared,
        sharedGate: family.sharedGate === true,
        routerBias: family.routerBias === true,
        expertBias: family.expertBias === true,
        ...(latentSize === undefined ? {} : { latentSize }),
      });
    known.set(key, part);
    return part;
  };
}

function requireIdentity({ fields }: ShapeContext): void {
  if (fields.text("zero_expert_type") !== "identity")
    fields.refuse("zero_expert_type", '"identity": experts without weights');
}

function requiredWidth({ fields }: ShapeContext): number {
  return fields.required([...EXPERT_WIDTH, "intermediate_size"], "the width of the experts");
}
