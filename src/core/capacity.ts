/**
 * What one machine of a type can do with k layers of the model, k = 1..maxLayers.
 * All arrays by layers held: index k − 1.
 */
export interface Capacity {
  /** Most layers the machine can hold, K; 0 when it cannot hold even one. */
  readonly maxLayers: number;
  /** T(k): tokens/s when it holds k layers and runs all k for every token. Length `maxLayers`. */
  readonly tokensPerSecond: readonly number[];
  /** Tokens whose KV fits when k layers are held (node token-layers are k times that). Length `maxLayers`. */
  readonly kvCacheTokens?: readonly number[];
  /** Figures by interval where layers differ; the plain ones then hold wherever the layers lie. */
  readonly byInterval?: IntervalCapacity;
  /** The rates by the paper's rule in the mix, where `tokensPerSecond` is what an engine does at most. */
  readonly inMix?: Pick<Capacity, "tokensPerSecond" | "byInterval" | "exactEnds">;
  /**
   * Where layers are alike and the plain figures charge embedding and head to every machine: the same by
   * interval, the embedding with the first layer and the head with the last alone.
   */
  readonly exactEnds?: IntervalCapacity;
  /** Where the figures come from; `estimated` is said in every output. */
  readonly source: "given" | "measured" | "estimated";
  /** Timing curves behind the figures, where there are any; the simulator needs them. */
  readonly curves?: Curves;
  /** How far the figures may be off, where they are estimated. */
  readonly error?: EstimateError;
  /** How the figures came about, in sentences for reports. */
  readonly notes?: readonly string[];
}

/** Tokens in a block of `kvBlocks`: vLLM's default, and the unit of the file formats. */
export const KV_BLOCK_TOKENS = 16;

/** How far estimated seconds may be from measured ones, as shares, and how that is known. */
export interface EstimateError {
  readonly prompt: number;
  readonly decode: number;
  readonly basis: string;
}

/** What one machine of a type can do with the layers [s, s + k): rows by s, entries by k − 1. */
export interface IntervalCapacity {
  /** Most layers that fit from s on. Length L. */
  readonly mostFrom: readonly number[];
  readonly tokensPerSecond: readonly (readonly number[])[];
  readonly kvCacheTokens: readonly (readonly number[])[];
  /** Most decode tokens in one batch. */
  readonly decodeMaxTokens?: readonly (readonly number[])[];
  /** Seconds of each layer over those of the mean one, which the curves are of. Length L. */
  readonly relativeSeconds: readonly number[];
}

/** A piecewise linear curve: points with ascending x. */
export type Curve = readonly (readonly [x: number, y: number])[];

/** Measured or estimated timing of ONE layer on one machine type. */
export interface Curves {
  /** Prompt tokens in the batch → seconds. */
  readonly promptSeconds: Curve;
  /** Sequences in the batch → seconds for one decode step. */
  readonly decodeSeconds: Curve;
  /** Blocks of `KV_BLOCK_TOKENS` tokens of KV by layers held: index k − 1. */
  readonly kvBlocks?: readonly number[];
  /** Most prompts in one batch, by layers held. */
  readonly promptMaxRequests?: readonly number[];
  /** Most decode tokens in one batch, by layers held. */
  readonly decodeMaxTokens?: readonly number[];
}

/**
 * How curves become T(k): `helix` and `helix-paper` as in the paper, in the mix of the cluster;
 * `saturated` by what the engine does at most.
 */
export type ThroughputRuleName = "helix" | "helix-paper" | "saturated";
