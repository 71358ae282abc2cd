import { readFileSync } from "node:fs";
import { createRandom } from "../src/core/random.js";
import type { ClusterFile } from "../src/formats/cluster-schema.js";
import { growthCluster } from "./growth-cluster.js";

/** What happens to a cluster: the file afterwards, and the nodes that are to be emptied in it. */
export interface ClusterEvent {
  readonly name: string;
  readonly after: ClusterFile;
  readonly drained: readonly string[];
}

/** A fleet of 26 machines of four kinds in two regions, cards out of the catalogue. */
const FLEET: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "fleet-26",
  model: "llama-3-70b",
  machines: {
    a100x8: { gpu: "A100-80GB", gpus: 8, interconnect: "nvlink", nic: "100 Gb/s" },
    l40sx4: { gpu: "L40S", gpus: 4, interconnect: "pcie", nic: "50 Gb/s" },
    a10g: { gpu: "A10G", nic: "10 Gb/s" },
    v100x4: { gpu: "V100-32GB", gpus: 4, interconnect: "nvlink", nic: "25 Gb/s" },
  },
  nodes: [
    { id: "a100x8", machine: "a100x8", region: "east", count: 6 },
    { id: "a10g", machine: "a10g", region: "east", count: 12 },
    { id: "l40sx4", machine: "l40sx4", region: "west", count: 5 },
    { id: "v100x4", machine: "v100x4", region: "west", count: 3 },
  ],
  network: {
    withinRegion: { bandwidth: "25 Gb/s", latency: "0.2 ms" },
    acrossRegions: { bandwidth: "5 Gb/s", latency: "50 ms" },
  },
  coordinator: { region: "east", nic: "25 Gb/s" },
};

const read = (name: string): ClusterFile =>
  JSON.parse(readFileSync(`clusters/${name}.json`, "utf8")) as ClusterFile;

/** 1,000 nodes in three regions, looked at when asked for by this name. */
const LARGE = "growth-1000-3";
const LARGE_LOST = 20;

/** The clusters of the replan bars whose names begin so. */
export function listReplanClusters(only = ""): readonly ClusterFile[] {
  if (only === LARGE) return [spellOutNodes(growthCluster(1000, 3, 1) as ClusterFile)];
  const files = ["paper-24", "paper-24-three-regions", "paper-42", "cloud-mix"].map(read);
  return [...files, FLEET].filter(({ name }) => name.startsWith(only)).map(spellOutNodes);
}

/** A node entry per node, with the ids that `count` stands for. */
export function spellOutNodes(cluster: ClusterFile): ClusterFile {
  return {
    ...cluster,
    nodes: cluster.nodes.flatMap(({ count, ...node }) =>
      count === undefined
        ? [node]
        : Array.from({ length: count }, (_, at) => ({ ...node, id: `${node.id}-${at}` })),
    ),
  };
}

/** Of a large cluster twenty lost. Else one lost, three lost, two of kinds that are there added, and each region drained but that of the coordinator. */
export function listEvents(cluster: ClusterFile, seed: number): readonly ClusterEvent[] {
  const random = createRandom(seed);
  const { nodes } = cluster;
  const lose = (count: number): ClusterFile => {
    const left = [...nodes];
    for (let lost = 0; lost < count; lost++) left.splice(random.int(left.length), 1);
    return { ...cluster, nodes: left };
  };
  if (cluster.name === LARGE)
    return [{ name: `lose ${LARGE_LOST}`, after: lose(LARGE_LOST), drained: [] }];
  const more = [0, 1].map((at) => ({ ...nodes[random.int(nodes.length)]!, id: `new-${at}` }));
  const regions = new Set(nodes.map(({ region }) => region));
  return [
    { name: "lose 1", after: lose(1), drained: [] },
    { name: "lose 3", after: lose(3), drained: [] },
    { name: "add 2", after: { ...cluster, nodes: [...nodes, ...more] }, drained: [] },
    ...[...regions]
      .filter((region) => regions.size > 1 && region !== cluster.coordinator?.region)
      .map((region) => ({
        name: `drain ${region}`,
        after: cluster,
        drained: nodes.filter((node) => node.region === region).map(({ id }) => id),
      })),
  ];
}
