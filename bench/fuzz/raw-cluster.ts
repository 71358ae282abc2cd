/** A cluster file as the fuzz writes it: plain numbers, every part present. Bytes/s, tokens/s, seconds. */
export interface RawCluster {
  readonly format: "helix-place/cluster@1";
  readonly name: string;
  readonly model: {
    readonly name: string;
    readonly layers: number;
    readonly layerBytes: number;
    readonly activationBytes: number;
    readonly tokenBytes: number;
    readonly kvBytesPerToken: number;
  };
  readonly machines: Readonly<
    Record<
      string,
      {
        readonly profile: { readonly tokensPerSecond: readonly number[] };
        readonly nic?: number;
        readonly pricePerHour?: number;
      }
    >
  >;
  readonly nodes: readonly {
    readonly id: string;
    readonly machine: string;
    readonly region: string;
  }[];
  readonly network: {
    readonly withinRegion: { readonly bandwidth: number };
    readonly acrossRegions: { readonly bandwidth: number };
    readonly regions: readonly {
      readonly between: readonly [string, string];
      readonly bandwidth: number;
    }[];
    readonly links: readonly {
      readonly from: string;
      readonly to: string;
      readonly bandwidth: number;
    }[];
  };
  readonly coordinator: { readonly region: string; readonly nic?: number };
}

/** What a plan is asked to keep, by node id. */
export interface RawConstraints {
  readonly partialInference: boolean;
  readonly pin: Readonly<Record<string, readonly [number, number]>>;
  readonly drain: readonly string[];
  readonly maxDepth?: number;
  readonly maxNodesPerStage?: number;
  readonly chainsOnly?: boolean;
}

export type RawInterval = readonly [start: number, end: number] | null;
