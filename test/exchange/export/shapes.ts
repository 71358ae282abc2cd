import { loadCluster } from "../../../src/formats/load-cluster.js";
import { describePlacement } from "../../../src/planner/result/placement-file.js";
import type { Cluster } from "../../../src/core/cluster.js";
import type { Placement } from "../../../src/core/placement.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import type { Address } from "../../../src/formats/read-addresses.js";

export interface Shape {
  readonly cluster: Cluster;
  readonly clusterText: string;
  readonly file: PlacementFile;
  readonly addresses: ReadonlyMap<string, Address>;
}

const LAYERS = 48;
const MODEL = {
  name: "test-model",
  layers: LAYERS,
  layerBytes: 5e8,
  activationBytes: 8192,
  tokenBytes: 2,
  kvBytesPerToken: 4096,
};

/** T(k) = rate / k up to `most` layers, KV beside them. */
function machine(rate: number, most: number, extra: object = {}): object {
  const layers = Array.from({ length: most }, (_, index) => index + 1);
  return {
    nic: "10 Gb/s",
    profile: {
      tokensPerSecond: layers.map((k) => Math.round((1000 * rate) / k) / 1000),
      kvCacheTokens: layers.map((k) => 16 * Math.round(40_000 / k)),
    },
    ...extra,
  };
}

const MACHINES = {
  big: machine(30_000, 30, { gpu: "A100-40GB" }),
  mid: machine(10_000, 24, { gpu: "L4" }),
  small: machine(8_000, 24, { gpu: "T4" }),
  pair: machine(40_000, 40, { gpus: 2 }),
};

interface Description {
  readonly nodes: readonly (readonly [id: string, machine: string, region: string])[];
  readonly layers: readonly (readonly [number, number] | null)[];
  /** Node-to-node links; those with the coordinator are always there. */
  readonly links: readonly (readonly [from: number, to: number])[];
}

/** A cluster whose links are exactly those given, and its placement file. */
export function buildShape(name: string, description: Description): Shape {
  const { nodes, links } = description;
  const pairs = [
    ...nodes.flatMap(([id]) => [
      { from: "coordinator", to: id },
      { from: id, to: "coordinator" },
    ]),
    ...links.map(([from, to]) => ({ from: nodes[from]![0], to: nodes[to]![0] })),
  ];
  const clusterText = JSON.stringify({
    format: "helix-place/cluster@1",
    name,
    model: MODEL,
    workload: { promptTokens: 700, outputTokens: 200 },
    machines: Object.fromEntries(
      Object.entries(MACHINES).filter(([key]) => nodes.some(([, machine]) => machine === key)),
    ),
    nodes: nodes.map(([id, machine, region]) => ({ id, machine, region })),
    network: { links: pairs.map((pair) => ({ ...pair, bandwidth: "1 Gb/s", latency: "2 ms" })) },
    coordinator: { region: nodes[0]![2], nic: "10 Gb/s" },
  });
  const { cluster, sha256 } = loadCluster(name, clusterText);
  return {
    cluster,
    clusterText,
    file: describe(cluster, description.layers, sha256),
    addresses: new Map([
      ["coordinator", { host: "10.0.0.1" }],
      ...nodes.map(([id], index) => [id, { host: `10.0.1.${index + 1}` }] as const),
    ]),
  };
}

/** A placement file for tests; its bound is the throughput. */
export function describe(
  cluster: Cluster,
  placement: Placement,
  clusterSha256: string = "",
): PlacementFile {
  return describePlacement(cluster, placement, {
    clusterSha256,
    objective: "flow",
    problem: { cluster, partialInference: true, constraints: UNCONSTRAINED },
    upperBound: 0,
    boundName: "none",
    gapAsked: 0.01,
    termination: "exhausted",
    solve: { seconds: 0, seed: 1, strategies: [], versions: {} },
  });
}

export const SHAPES: Readonly<Record<string, Shape>> = {
  "one-chain": buildShape("one-chain", {
    nodes: [
      ["mid-0", "mid", "here"],
      ["small-0", "small", "here"],
      ["big-0", "big", "here"],
      ["spare", "small", "here"],
    ],
    layers: [[0, 10], [10, 18], [18, 48], null],
    links: [
      [0, 1],
      [1, 2],
    ],
  }),
  "replicated-stages": buildShape("replicated-stages", {
    nodes: [
      ["front-0", "mid", "here"],
      ["front-1", "small", "here"],
      ["back-0", "mid", "here"],
      ["back-1", "small", "here"],
    ],
    layers: [
      [0, 24],
      [0, 24],
      [24, 48],
      [24, 48],
    ],
    links: [
      [0, 2],
      [1, 3],
    ],
  }),
  "two-regions": buildShape("two-regions", {
    nodes: [
      ["eu-a", "big", "eu"],
      ["eu-b", "mid", "eu"],
      ["us-a", "mid", "us"],
      ["us-b", "mid", "us"],
      ["us-c", "mid", "us"],
    ],
    layers: [
      [0, 30],
      [30, 48],
      [0, 16],
      [16, 32],
      [32, 48],
    ],
    links: [
      [0, 1],
      [2, 3],
      [3, 4],
    ],
  }),
  "tensor-parallel": buildShape("tensor-parallel", {
    nodes: [
      ["pair-0", "pair", "here"],
      ["pair-1", "pair", "here"],
    ],
    layers: [
      [0, 20],
      [20, 48],
    ],
    links: [[0, 1]],
  }),
  overlapping: buildShape("overlapping", {
    nodes: [
      ["left", "mid", "here"],
      ["middle", "mid", "here"],
      ["right", "big", "here"],
    ],
    layers: [
      [0, 20],
      [0, 24],
      [20, 48],
    ],
    links: [
      [0, 2],
      [1, 2],
    ],
  }),
};
