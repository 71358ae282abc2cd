/** The reference instances as clusters, with the measured curves that the simulator needs. */
import { readFileSync } from "node:fs";
import { loadCluster } from "../src/formats/load-cluster.js";
import type { Cluster } from "../src/core/cluster.js";
import { solveByPushRelabel } from "../src/math/flow/push-relabel.js";
import { evaluatePlacement, type LinkFlow } from "../src/planner/graph/evaluate-placement.js";
import type { LayerInterval, Placement } from "../src/core/placement.js";
import { LENGTH_PRESETS } from "../src/model/length-presets.js";
import { createLengths } from "../src/model/lengths.js";
import { simulate } from "../src/serving/simulate/simulate.js";
import { HELIX } from "../src/engines/helix/helix.js";
import type { SimulationInput } from "../src/serving/simulate/simulation-input.js";
import type { SimulationResult } from "../src/serving/simulate/result.js";
import { OFFLINE } from "../src/serving/simulate/traffic.js";

export const REFERENCE = process.env["HELIX_REFERENCE"] ?? "../shared/reference";

interface ClusterText {
  readonly machines: Record<string, { profile: Record<string, unknown> }>;
  readonly nodes: readonly { readonly id: string }[];
}

function read(name: string): string {
  return readFileSync(`${REFERENCE}/${name}`, "utf8");
}

/** A reference cluster; its machine types get the curves measured for the model. */
export function referenceCluster(name: string, curvesFile: string): Cluster {
  const curves = (
    JSON.parse(read(curvesFile)) as { machines: Record<string, Record<string, unknown>> }
  ).machines;
  const file = JSON.parse(read(`${name}.cluster.json`)) as ClusterText;
  for (const [type, machine] of Object.entries(file.machines)) {
    const { promptSeconds, decodeSeconds, kvBlocks, promptMaxRequests, decodeMaxTokens } =
      curves[type.toUpperCase()]!;
    Object.assign(machine.profile, {
      promptSeconds,
      decodeSeconds,
      kvBlocks,
      promptMaxRequests,
      decodeMaxTokens,
    });
  }
  return loadCluster(name, JSON.stringify(file)).cluster;
}

/**
 * Machines in one region, for the 30B model: their curves are known, T(k) is not, so every layer held
 * stands for the same work. Enough where the flow has one path, or the scheduler does not ask for it.
 */
export function cluster30b(name: string, machineOfNode: readonly string[]): Cluster {
  const curves = JSON.parse(read("profile-curves-llama-30b.json")) as {
    machines: Record<string, { readonly maxLayers: number }>;
  };
  const file = JSON.parse(read("helix-t4x12-llama-30b.cluster.json")) as ClusterText;
  const machines = Object.fromEntries(
    [...new Set(machineOfNode)].map((type) => {
      const { maxLayers, ...profile } = curves.machines[type.toUpperCase()]!;
      const tokensPerSecond = Array.from({ length: maxLayers }, (_, held) => 1000 / (held + 1));
      return [type, { nic: 1e10, profile: { tokensPerSecond, ...profile } }];
    }),
  );
  const nodes = machineOfNode.map((machine, node) => ({ id: `n${node}`, machine }));
  return loadCluster(name, JSON.stringify({ ...file, name, machines, nodes })).cluster;
}

/** A published placement of such a cluster. */
export function publishedPlacement(cluster: Cluster): Placement {
  const published = JSON.parse(read("published-placements.json")) as {
    layers: Record<string, Record<string, LayerInterval>>;
  };
  return cluster.nodes.map((node) => published.layers[cluster.name]![node.id] ?? null);
}

/** Layers by machine type, in node order. */
export function chainOf(cluster: Cluster, layers: Readonly<Record<string, number>>): Placement {
  let start = 0;
  return cluster.nodes.map((node): LayerInterval => {
    const held = layers[cluster.machines[node.machine]!.name]!;
    start += held;
    return [start - held, start];
  });
}

export const conversation = createLengths(LENGTH_PRESETS["azure-conversation"]!);

/** Links that carry flow. */
export function usedLinks(cluster: Cluster, placement: Placement): readonly LinkFlow[] {
  return carrying(evaluatePlacement(cluster, placement, { partialInference: true }).links);
}

export function carrying(links: readonly LinkFlow[]): readonly LinkFlow[] {
  return links.filter((link) => link.flow > 1e-6);
}

/**
 * All links, with the maximum flow that push-relabel happens to find: not chosen for its time on
 * links, as the published ones are not.
 */
export function anyFlow(
  cluster: Cluster,
  placement: Placement,
  partialInference = true,
): readonly LinkFlow[] {
  const { links, graph } = evaluatePlacement(cluster, placement, { partialInference });
  const { flow } = solveByPushRelabel(graph.network);
  const arcs = [...graph.kinds.keys()].filter((arc) => graph.kinds[arc] === "link");
  return arcs.map((arc, at) => ({ ...links[at]!, flow: flow[arc]! }));
}

/** The paper's offline run: 60 s warm-up, 600 s window. */
export function offline(
  cluster: Cluster,
  placement: Placement,
  changes: Partial<SimulationInput> = {},
): SimulationResult {
  return simulate({
    cluster,
    placement,
    links: usedLinks(cluster, placement),
    scheduler: "helix",
    batching: "layerwise",
    traffic: OFFLINE,
    lengths: conversation,
    seed: 1,
    warmupSeconds: 60,
    durationSeconds: 600,
    stopAtEnd: true,
    highWaterMark: 0.85,
    outputRatio: 1,
    meanOutputTokens: 240,
    leastFlowShare: HELIX.leastFlowShare,
    turnsBack: false,
    promptSlotTokens: HELIX.promptSlotTokens,
    ...changes,
  });
}

/** The paper's online run: 1,800 s, no warm-up, every request served. */
export function online(
  cluster: Cluster,
  placement: Placement,
  tokensPerSecond: number,
  changes: Partial<SimulationInput> = {},
): SimulationResult {
  return offline(cluster, placement, {
    traffic: { kind: "online", tokensPerSecond },
    warmupSeconds: 0,
    durationSeconds: 1800,
    stopAtEnd: false,
    highWaterMark: 0.9,
    outputRatio: 0.6,
    ...changes,
  });
}
