import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import type { Market } from "../../src/market/market.js";

const base: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "longer",
  engine: "vllm",
  model: {
    name: "small",
    layers: 12,
    layerBytes: 4e9,
    activationBytes: 8000,
    tokenBytes: 4,
    kvBytesPerToken: 4000,
  },
  workload: { promptTokens: 300, outputTokens: 100 },
  machines: { box: { gpu: "L4", gpus: 3, nic: "10 Gb/s" } },
  nodes: [],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
  coordinator: { region: "here" },
};
/** Two machines of three cards on offer for a small model, one dollar per hour each. */
export const market: Market = {
  base,
  offers: [{ machine: "box", region: "here", available: 2, pricePerHour: 1 }],
};

/** A purchase before anything was found, less its goal. */
export const NOTHING = {
  mix: undefined,
  pricePerHour: 0,
  searchThroughput: 0,
  result: undefined,
  placement: undefined,
  file: undefined,
  bound: 1e9,
  gap: 1,
  capacities: "given",
  reference: "everything on offer",
  rounds: 1,
  mixesPlanned: 1,
} as const;
