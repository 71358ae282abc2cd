import type { Cluster } from "../../../src/core/cluster.js";
import { evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import type { Placement } from "../../../src/core/placement.js";
import type { Curve } from "../../../src/core/capacity.js";
import { constantLengths } from "../constant-lengths.js";
import { simulate } from "../../../src/serving/simulate/simulate.js";
import type { SimulationInput } from "../../../src/serving/simulate/simulation-input.js";
import type { SimulationResult } from "../../../src/serving/simulate/result.js";
import type { Arrival } from "../../../src/serving/simulate/traffic.js";

export interface Shape {
  readonly layers: number;
  readonly nodes: number;
  readonly kvTokens?: number;
  readonly promptSeconds?: Curve;
  readonly decodeSeconds?: Curve;
  readonly promptMaxRequests?: number;
  readonly decodeMaxTokens?: number;
  readonly latencySeconds?: number;
  readonly bandwidthBytesPerSecond?: number;
  readonly activationBytes?: number;
}

/** Nodes of one type that hold up to all layers, one region, full mesh. */
export function clusterOf(shape: Shape): Cluster {
  const { layers } = shape;
  const byLayers = <T>(value: T): T[] => Array.from({ length: layers }, () => value);
  const link = {
    bandwidthBytesPerSecond: shape.bandwidthBytesPerSecond ?? 1e9,
    latencySeconds: shape.latencySeconds ?? 0.001,
  };
  return {
    name: "test",
    model: {
      name: "m",
      layers,
      layerBytes: 1,
      activationBytes: shape.activationBytes ?? 1000,
      tokenBytes: 2,
      kvBytesPerToken: 1,
    },
    workload: { name: "w", promptTokens: 100, outputTokens: 10 },
    machines: [
      {
        name: "gpu",
        gpus: 1,
        nicBytesPerSecond: 1e10,
        capacity: {
          maxLayers: layers,
          tokensPerSecond: Array.from({ length: layers }, (_, k) => 1000 / (k + 1)),
          ...(shape.kvTokens === undefined ? {} : { kvCacheTokens: byLayers(shape.kvTokens) }),
          source: "measured",
          curves: {
            promptSeconds: shape.promptSeconds ?? [
              [0, 0],
              [1000, 0.01],
            ],
            decodeSeconds: shape.decodeSeconds ?? [
              [0, 0],
              [2, 0.002],
              [100, 0.004],
            ],
            promptMaxRequests: byLayers(shape.promptMaxRequests ?? 2),
            decodeMaxTokens: byLayers(shape.decodeMaxTokens ?? 100),
          },
        },
      },
    ],
    nodes: Array.from({ length: shape.nodes }, (_, node) => ({
      id: `n${node}`,
      machine: 0,
      region: 0,
    })),
    regions: ["r"],
    network: { byRegion: [[link]], exceptions: new Map() },
    coordinator: { region: 0, nicBytesPerSecond: 1e10 },
  };
}

export function run(
  cluster: Cluster,
  placement: Placement,
  changes: Partial<SimulationInput> = {},
): SimulationResult {
  const { links } = evaluatePlacement(cluster, placement, { partialInference: true });
  return simulate({
    cluster,
    placement,
    links: links.filter((link) => link.flow > 0),
    scheduler: "helix",
    batching: "layerwise",
    traffic: { kind: "online", tokensPerSecond: 500 },
    lengths: constantLengths("constant", 100, 10),
    seed: 1,
    warmupSeconds: 0,
    durationSeconds: 60,
    stopAtEnd: false,
    highWaterMark: 0.9,
    outputRatio: 1,
    meanOutputTokens: 10,
    ...changes,
  });
}

export function traceOf(arrivals: readonly Arrival[]): SimulationInput["traffic"] {
  return { kind: "trace", arrivals };
}
