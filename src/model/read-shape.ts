import type { Assumption } from "../core/model.js";
import type { ConfigFields } from "./config-fields.js";
import { unknownKeys } from "./known-keys.js";
import { vector } from "./layer-shape.js";
import type { LayerPart, LayerShape, ModelShape } from "./layer-shape.js";
import type { ModelFamily } from "./model-families.js";
import { readBlockConfigs } from "./read-block-configs.js";
import { createFeedForward } from "./read-feed-forward.js";
import { readLayerKinds } from "./read-layer-kinds.js";
import type { LayerKind } from "./read-layer-kinds.js";
import { createMixers } from "./read-mixers.js";

const LAYERS = ["num_hidden_layers", "n_layer", "num_layers", "n_layers"];
const HIDDEN = ["hidden_size", "n_embd", "d_model", "dim"];
const VOCABULARY = ["vocab_size", "padded_vocab_size"];

const MOST_LAYERS = 10_000;

/** What is read once and used for every layer. */
export interface ShapeContext {
  readonly fields: ConfigFields;
  readonly family: ModelFamily;
  readonly type: string | undefined;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly assumptions: Assumption[];
}

/**
 * The architecture that a config.json describes. What is not understood is a problem of `fields`; what
 * was assumed is appended to `assumptions`. O(layers).
 */
export function readShape(
  fields: ConfigFields,
  type: string | undefined,
  family: ModelFamily,
  assumptions: Assumption[],
): ModelShape {
  const layers = fields.required(LAYERS, "the number of layers", MOST_LAYERS);
  const hiddenSize = fields.required(HIDDEN, "the hidden size");
  const context: ShapeContext = { fields, family, type, layers, hiddenSize, assumptions };
  const shapes = readBlockConfigs(context) ?? readLayers(context);
  const vocabularySize = fields.required(VOCABULARY, "the size of the vocabulary");
  const positions =
    family.extraPositions === undefined
      ? 0
      : fields.required(["n_positions", "max_position_embeddings"], "the number of positions") +
        family.extraPositions;
  const normSize = hiddenSize * (family.normBias === true ? 2 : 1);
  const shape = {
    hiddenSize,
    vocabularySize,
    tiedEmbeddings: fields.flag("tie_word_embeddings") ?? family.tiedEmbeddings ?? false,
    layers: shapes,
    embeddingExtras: positions * hiddenSize + (family.embeddingNorm === true ? normSize : 0),
    headExtras: normSize + (family.headBias === true ? vocabularySize : 0),
  };
  for (const { key } of unknownKeys(fields)) fields.refuse(key, "a key that is understood");
  return shape;
}

function readLayers(context: ShapeContext): readonly LayerShape[] {
  const kinds = readLayerKinds(context);
  const mixers = createMixers(context);
  const feedForward = createFeedForward(context);
  return kinds.map((kind, layer) => [
    ...mixers(kind, layer),
    ...feedForward(kind, layer),
    norms(context, kind),
  ]);
}

function norms({ fields, family, type, hiddenSize }: ShapeContext, kind: LayerKind): LayerPart {
  const newFalcon = type === "falcon" && fields.flag("new_decoder_architecture") === true;
  const single = kind.mixer === "none" || kind.feedForward === "none";
  const count = newFalcon
    ? 2
    : family.shortcut === true
      ? 4
      : (family.normsPerLayer ?? (single ? 1 : 2));
  return { tensors: [vector("norms", count * hiddenSize * (family.normBias === true ? 2 : 1))] };
}
