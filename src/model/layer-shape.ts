/** A group of weights of one layer. */
export interface LayerTensor {
  /** Its name below the layer in public checkpoints, and the other names it goes by. */
  readonly modules: readonly string[];
  readonly parameters: number;
  /** Parameters that one token's pass touches; less than `parameters` only for routed experts. */
  readonly activeParameters: number;
  /** Matrices may be quantised, vectors (norms, biases, routers, convolutions) never are. */
  readonly kind: "matrix" | "vector";
}

/** What a layer keeps of the tokens it has seen. */
export interface LayerCache {
  /** Elements per token. */
  readonly elements: number;
  /** Only the latest so many tokens are kept. */
  readonly window?: number;
  /** Into how many parts it can be split. */
  readonly heads: number;
}

/** A part of a layer: attention, a recurrent mixer, a feed-forward block, norms. */
export interface LayerPart {
  readonly tensors: readonly LayerTensor[];
  readonly cache?: LayerCache;
  /** Bytes per token of an index beside the cache, in a type of its own. */
  readonly indexBytes?: number;
  /** Bytes per sequence, whatever its length. */
  readonly stateBytes?: number;
  /** Multiply-adds per token and token of context. */
  readonly attentionFlops?: number;
}

/** A layer is the sum of its parts. */
export type LayerShape = readonly LayerPart[];

/** The architecture of a model as far as its cost depends on it. */
export interface ModelShape {
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  /** The output head is the embedding matrix again. */
  readonly tiedEmbeddings: boolean;
  readonly layers: readonly LayerShape[];
  /** Parameters beside the embedding matrix: learned positions, norm of the embedding. */
  readonly embeddingExtras: number;
  /** Parameters beside the head's matrix: final norm, bias. */
  readonly headExtras: number;
  /** Parameters of the vision part, held with the first layer in the type that is computed with. */
  readonly visionParameters?: number;
}

export function matrix(modules: string | readonly string[], parameters: number): LayerTensor {
  return tensor("matrix", modules, parameters);
}

export function vector(modules: string | readonly string[], parameters: number): LayerTensor {
  return tensor("vector", modules, parameters);
}

function tensor(
  kind: LayerTensor["kind"],
  modules: string | readonly string[],
  parameters: number,
): LayerTensor {
  const list = typeof modules === "string" ? [modules] : modules;
  return { modules: list, parameters, activeParameters: parameters, kind };
}

export function layerTensors(layer: LayerShape): readonly LayerTensor[] {
  return layer.flatMap(({ tensors }) => tensors).filter(({ parameters }) => parameters > 0);
}
