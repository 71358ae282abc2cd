import type { Problem } from "../../core/errors.js";
import type { Model } from "../../core/model.js";
import { findModelPreset } from "../../model/presets.js";
import { findWorkloadPreset } from "../../model/workload-presets.js";
import { findGpu } from "../../hardware/find-gpu.js";
import { DEFAULT_MEMORY_RULE, kvTokensByLayers } from "../../hardware/memory-rule.js";
import { CLUSTER_FORMAT } from "../../formats/cluster-schema.js";
import type {
  ClusterFile,
  GpuEntry,
  MachineEntry,
  NetworkEntry,
} from "../../formats/cluster-schema.js";
import { resolveGpus } from "../../formats/resolve-gpus.js";
import { GIGA } from "../../core/units.js";
import type { CardsAlike, ImportedHost, ImportedHosts, ImportOutcome } from "./import-outcome.js";

export interface ImportOptions {
  /** Name of the cluster. */
  readonly name: string;
  /** Model entry of the cluster file: a preset, or a config.json; the largest that fits without it. */
  readonly model?: string;
}

type ImportedCards = Pick<ImportedHost, "gpu" | "ownGpu" | "gpus" | "memoryBytes" | "cards">;

/** Models to choose from by memory, largest first. */
const MODELS = ["llama-3-70b", "qwen-2.5-32b", "llama-3-8b", "llama-3.2-3b", "llama-3.2-1b"];

/** Layers that several hosts must hold over those of the model, to leave the planner a choice. */
const SPARE = 1.2;
const SMALLEST = "llama-3.2-1b";
const WORKLOAD = "azure-conversation";

/** Link classes where nothing was measured. */
const WITHIN = { bandwidth: "10 Gb/s", latency: "1 ms" } as const;
const ACROSS = { bandwidth: "1 Gb/s", latency: "10 ms" } as const;

/**
 * Hosts (and measured links, if any) → a cluster file that can be planned as it stands.
 * Cards of one kind and number share a machine type.
 */
export function buildClusterFile(
  { hosts, assumptions }: ImportedHosts,
  options: ImportOptions,
  network?: NetworkEntry,
): ImportOutcome {
  if (hosts.length === 0) return { kind: "problems", problems: [NO_HOSTS] };
  const noted = [...assumptions];
  const machines: Record<string, MachineEntry> = {};
  const gpus: Record<string, GpuEntry> = {};
  const nodes = hosts.map((host) => {
    const { id, gpu, ownGpu, region } = host;
    const machine = nameMachine(host, machines);
    machines[machine] = machineEntry(host);
    if (ownGpu !== undefined) gpus[gpu] = ownGpu;
    return { id, machine, ...(region === undefined ? {} : { region }) };
  });
  const regions = hosts.flatMap(({ region }) => (region === undefined ? [] : [region]));
  const zones = pairZones(hosts);
  if (network === undefined) {
    const across = new Set(regions).size > 1 ? ", 1 Gb/s and 10 ms across" : "";
    const within = zones.length > 0 ? " and between zones of one cloud region" : "";
    noted.push(
      `network: 10 Gb/s and 1 ms within a region${within}${across} (nothing was measured)`,
    );
  }
  const region = mostCommon(regions);
  if (region !== undefined) noted.push(`the coordinator stands in ${region}`);
  const file: ClusterFile = {
    format: CLUSTER_FORMAT,
    name: options.name,
    model: modelEntry(options.model ?? chooseModel(hosts, noted)),
    workload: WORKLOAD,
    machines,
    ...(Object.keys(gpus).length === 0 ? {} : { gpus }),
    nodes,
    network: network ?? {
      withinRegion: WITHIN,
      acrossRegions: ACROSS,
      ...(zones.length === 0 ? {} : { regions: zones.map((between) => ({ between, ...WITHIN })) }),
    },
    ...(region === undefined ? {} : { coordinator: { region } }),
  };
  noted.push("workload: azure-conversation (763 prompt and 232 output tokens on average)");
  return { kind: "cluster", file, assumptions: noted };
}

/** Zones of one cloud region, two by two. */
function pairZones(hosts: readonly ImportedHost[]): readonly [string, string][] {
  const zones = new Map(
    hosts.flatMap(({ region, cloudRegion }) =>
      region === undefined || cloudRegion === undefined ? [] : [[region, cloudRegion] as const],
    ),
  );
  const list = [...zones];
  return list.flatMap(([zone, cloud], at) =>
    list
      .slice(at + 1)
      .flatMap(([other, own]): [string, string][] => (own === cloud ? [[zone, other]] : [])),
  );
}

/** Machines of one kind share a type; what is free of their memory is a part of the kind, to the byte. */
function nameMachine(host: ImportedHost, taken: Readonly<Record<string, MachineEntry>>): string {
  const { gpu, gpus } = host;
  const kind = gpus === 1 ? gpu.toLowerCase() : `${gpu.toLowerCase()}-x${gpus}`;
  const free = rowsOf(host).flatMap(({ memoryBytes }) => memoryBytes ?? []);
  const sum = free.reduce((bytes, each) => bytes + each, 0);
  const gigabytes = `${Math.floor(sum / GIGA)}gb-free`;
  const name =
    free.length === 0 ? kind : `${kind}-${host.cards === undefined ? "" : "some-"}${gigabytes}`;
  const entry = JSON.stringify(machineEntry(host));
  const names = [name, ...Object.keys(taken).map((_, index) => `${name}-${index + 2}`)];
  return names.find((each) => JSON.stringify(taken[each] ?? machineEntry(host)) === entry)!;
}

function machineEntry(host: ImportedHost): MachineEntry {
  const { gpu, gpus, cards, memoryBytes } = host;
  if (cards !== undefined)
    return {
      cards: cards.map(({ count, memoryBytes: free }) => ({
        gpu,
        count,
        ...(free === undefined ? {} : { freeMemory: free / count }),
      })),
    };
  return { gpu, gpus, ...(memoryBytes === undefined ? {} : { memory: memoryBytes }) };
}

/** What of a host's cards may work as one. */
function rowsOf({ cards, gpus: count, memoryBytes }: ImportedCards): readonly CardsAlike[] {
  return cards ?? [{ count, ...(memoryBytes === undefined ? {} : { memoryBytes }) }];
}

/** A name with a path or an extension is a file. */
export function modelEntry(model: string): ClusterFile["model"] {
  return findModelPreset(model) === undefined && /[/\\]|\.(json|gguf)$/.test(model)
    ? { config: model }
    : model;
}

/** The largest of a few models that one host can hold, or all of them with room to spare. */
export function chooseModel(hosts: readonly ImportedCards[], assumptions: string[]): string {
  const chosen = MODELS.find((name) => {
    const model = findModelPreset(name)!;
    const held = hosts.map((host) => layersHeld(host, model));
    const together = held.reduce((sum, layers) => sum + layers, 0);
    return together >= SPARE * model.layers || Math.max(...held) === model.layers;
  });
  assumptions.push(
    chosen === undefined
      ? `model: ${SMALLEST}, though not even that fits (set another with --model)`
      : `model: ${chosen}, the largest of ${MODELS.join(", ")} that fits (set another with --model)`,
  );
  return chosen ?? SMALLEST;
}

function layersHeld(host: ImportedCards, model: Model): number {
  const { gpu, ownGpu } = host;
  const custom = ownGpu === undefined ? [] : resolveGpus({ [gpu]: ownGpu });
  const workload = findWorkloadPreset(WORKLOAD)!;
  const held = rowsOf(host).map(({ count, memoryBytes }) => {
    const group = { gpu: findGpu(gpu, custom)!, gpus: count, interconnect: "pcie" as const };
    return kvTokensByLayers(group, model, workload, DEFAULT_MEMORY_RULE, memoryBytes).length;
  });
  return Math.min(
    model.layers,
    held.reduce((sum, layers) => sum + layers, 0),
  );
}

function mostCommon(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<readonly [string, number] | undefined>(
    (best, entry) => (best === undefined || entry[1] > best[1] ? entry : best),
    undefined,
  )?.[0];
}

const NO_HOSTS: Problem = {
  path: "",
  found: "no host with a GPU",
  expected: "at least one",
  remedy: "Check that the output comes from machines with GPUs and their drivers.",
};
