import { readFileSync } from "node:fs";
import { loadCluster } from "../src/formats/load-cluster.js";
import type { Cluster } from "../src/core/cluster.js";
import { createRandom } from "../src/core/random.js";
import { readMeasuredCurves } from "./measured-curves.js";
import { REFERENCE, referenceCluster } from "./reference.js";

const MODEL = "llama-2-70b";
const CURVES = `profile-curves-${MODEL}.json`;

interface ClusterFile {
  readonly machines: Record<string, { readonly nic: string; profile: Record<string, unknown> }>;
  readonly [field: string]: unknown;
}

/** The paper's 42 nodes, with the curves measured for the model. */
export function paper42(): Cluster {
  const file = JSON.parse(readFileSync("clusters/paper-42.json", "utf8")) as ClusterFile;
  giveCurves(file);
  return loadCluster("paper-42", JSON.stringify(file)).cluster;
}

export const single24 = (): Cluster => referenceCluster("helix-single24-llama-2-70b", CURVES);
export const distributed24 = (): Cluster =>
  referenceCluster("helix-distributed24-llama-2-70b", CURVES);

const MACHINES_30B = { A100: 4, L4: 8, T4: 12 };

/** The paper's 24 machines in one region, serving the 30B model: T(k) by their curves. */
function single24of30b(): Cluster {
  const name = "helix-single24-llama-30b";
  const measured = readMeasuredCurves(REFERENCE, "llama-30b");
  const types = Object.entries(MACHINES_30B);
  const machines = types.map(([type]) => {
    const { maxLayers: _most, ...profile } = measured[type]! as unknown as Record<string, unknown>;
    return [type, { nic: "10 GB/s", profile }] as const;
  });
  const nodes = types.map(([machine, count]) => ({ id: `${machine}-`, machine, count }));
  const small = readFileSync(`${REFERENCE}/helix-t4x12-llama-30b.cluster.json`, "utf8");
  const file = { ...JSON.parse(small), name, machines: Object.fromEntries(machines), nodes };
  return loadCluster(name, JSON.stringify(file)).cluster;
}

const PAPER = { single24, distributed24, paper42, single24of30b } as const;

/** One of the paper's clusters by its name here. */
export function paperCluster(name: string | undefined): Cluster {
  const build = Object.entries(PAPER).find(([known]) => known === name)?.[1];
  if (build === undefined) throw new Error(`${name}: not ${Object.keys(PAPER).join(", ")}`);
  return build();
}

/** A random mix of the paper's machines, in one to three regions. A function of the seed. */
export function randomMix(seed: number): Cluster {
  const random = createRandom(seed);
  const file = JSON.parse(readFileSync("clusters/paper-42.json", "utf8")) as ClusterFile;
  giveCurves(file);
  const types = Object.keys(file.machines);
  const regions = Array.from({ length: 1 + random.int(3) }, (_, region) => `r${region}`);
  const held = (type: string): number =>
    (file.machines[type]!.profile["tokensPerSecond"] as readonly number[]).length;
  const nodes: { id: string; machine: string; region: string }[] = [];
  let room = 0;
  const wanted = 80 * (1.3 + random.next());
  while (room < wanted) {
    const machine = types[random.int(types.length)]!;
    nodes.push({ id: `n${nodes.length}`, machine, region: regions[random.int(regions.length)]! });
    room += held(machine);
  }
  const between = {
    bandwidth: `${20 + random.int(180)} MB/s`,
    latency: `${5 + random.int(45)} ms`,
  };
  return loadCluster(
    `mix-${seed}`,
    JSON.stringify({
      ...file,
      name: `mix-${seed}`,
      nodes,
      coordinator: { nic: "10 GB/s", region: "r0" },
      network: {
        withinRegion: { bandwidth: "1 GB/s", latency: "1 ms" },
        ...(regions.length > 1 ? { acrossRegions: between } : {}),
      },
    }),
  ).cluster;
}

function giveCurves(file: ClusterFile): void {
  const measured = readMeasuredCurves(REFERENCE, MODEL);
  const byName = new Map(Object.entries(measured).map(([name, m]) => [name.toLowerCase(), m]));
  for (const [type, machine] of Object.entries(file.machines)) {
    const { maxLayers: _most, ...curves } = byName.get(type)! as unknown as Record<string, unknown>;
    delete machine.profile["kvCacheTokens"];
    Object.assign(machine.profile, curves);
  }
}
