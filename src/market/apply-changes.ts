import { InputError } from "../core/errors.js";
import { didYouMean } from "../core/nearest.js";
import { findGpu } from "../hardware/find-gpu.js";
import type {
  ClusterFile,
  GpuEntry,
  MachineEntry,
  NetworkEntry,
} from "../formats/cluster-schema.js";
import type { Change, LinkClass, MachineCount, Scenario } from "./change.js";
import { addNodes, countNodes, removeNodes, replaceNodes, type PriceIn } from "./edit-nodes.js";
import { linkRegion } from "./link-region.js";
import { widenLinks } from "./widen-links.js";

/** Machines that can be added beside those of the cluster file, and the GPUs they name. */
export interface MachineShelf {
  readonly machines: Readonly<Record<string, MachineEntry>>;
  readonly gpus: Readonly<Record<string, GpuEntry>>;
  /** What machines on offer cost where they are; others cost what their type does. */
  readonly priceIn?: PriceIn;
  /** Links to regions that are new to the cluster. */
  readonly network?: NetworkEntry;
}

/** Nothing but the GPU catalogue. */
export const EMPTY_SHELF: MachineShelf = { machines: {}, gpus: {} };

/**
 * The cluster file after the changes of a scenario, in their order. Machines that the file does not
 * describe come from the shelf or, by the name of their GPU, from the catalogue. O(changes · entries).
 * @throws InputError when a machine is unknown or fewer are there than are to be removed.
 */
export function applyChanges(
  file: ClusterFile,
  scenario: Scenario,
  shelf: MachineShelf = EMPTY_SHELF,
): ClusterFile {
  return scenario.changes.reduce((edited, change) => applyChange(edited, change, shelf), file);
}

function applyChange(file: ClusterFile, change: Change, shelf: MachineShelf): ClusterFile {
  switch (change.kind) {
    case "add":
      return addFrom(shelf, file, change);
    case "remove":
      requireNodes(file, change, change.count);
      return removeNodes(file, change);
    case "set": {
      const missing = change.count - countNodes(file, change);
      if (missing <= 0) return removeNodes(file, { ...change, count: -missing });
      return addFrom(shelf, file, { ...change, count: missing });
    }
    case "upgrade": {
      const count = change.count === Infinity ? countNodes(file, change) : change.count;
      requireNodes(file, change, Math.max(1, count));
      const described = withMachine(file, change.to, shelf);
      return replaceNodes(described, { ...change, count }, change.to, shelf.priceIn);
    }
    case "bandwidth":
      return widenLinks(file, change.links, change.addBytesPerSecond);
  }
}

function addFrom(shelf: MachineShelf, file: ClusterFile, added: MachineCount): ClusterFile {
  const { priceIn, network } = shelf;
  const { region } = added;
  const linked =
    region === undefined || network === undefined ? file : linkRegion(file, region, network);
  return addNodes(withMachine(linked, added.machine, shelf), added, priceIn);
}

/** The file with a description of the machine. @throws InputError when nobody has one. */
function withMachine(file: ClusterFile, name: string, shelf: MachineShelf): ClusterFile {
  if (Object.hasOwn(file.machines, name)) return file;
  const onShelf = Object.hasOwn(shelf.machines, name) ? shelf.machines[name] : undefined;
  const gpu = findGpu(name);
  const entry = onShelf ?? (gpu === undefined ? undefined : { gpu: gpu.name });
  if (entry === undefined) {
    const known = [...Object.keys(file.machines), ...Object.keys(shelf.machines)];
    throw problem(
      JSON.stringify(name),
      "a machine of the cluster file, of the price list, or a GPU of the catalogue",
      didYouMean(name, known) || `Known are ${known.join(", ")}; or describe it in a price list.`,
    );
  }
  const gpus = { ...shelf.gpus, ...file.gpus };
  return {
    ...file,
    machines: { ...file.machines, [name]: entry },
    ...(Object.keys(gpus).length === 0 ? {} : { gpus }),
  };
}

function requireNodes(
  file: ClusterFile,
  wanted: { readonly machine: string; readonly region?: string },
  count: number,
): void {
  const there = countNodes(file, wanted);
  if (there >= count) return;
  const place = wanted.region === undefined ? "" : ` in ${wanted.region}`;
  const known = [...new Set(file.nodes.map((entry) => entry.machine))];
  throw problem(
    `${there} machines ${wanted.machine}${place}`,
    `at least ${count} of them`,
    (!known.includes(wanted.machine) && didYouMean(wanted.machine, known)) ||
      "Change fewer, or name another machine or region.",
  );
}

function problem(found: string, expected: string, remedy: string): InputError {
  return new InputError("what-if", [{ path: "", found, expected, remedy }]);
}

/** What a class of links is called in tables. */
export function nameLinkClass(file: ClusterFile, links: LinkClass): string {
  switch (links.kind) {
    case "within":
      return "links within regions";
    case "across":
      return "links between regions";
    case "regions":
      return `links ${file.network.regions![links.index]!.between.join(" – ")}`;
    case "listed":
      return "links listed one by one";
    case "nic":
      return `NICs of ${links.machine}`;
  }
}
