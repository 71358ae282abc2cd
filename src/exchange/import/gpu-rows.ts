import { smallest } from "../../core/extremes.js";
import { KIBI, MEBI } from "../../core/units.js";
import { identifyGpu } from "./identify-gpu.js";
import type { FoundGpu } from "./identify-gpu.js";
import { settleHosts } from "./import-outcome.js";
import type {
  CardsAlike,
  ImportedHost,
  ImportedHosts,
  Parsed,
  Place,
  TextProblems,
} from "./import-outcome.js";

/** What a tool says of one card of a host. */
export interface GpuRow {
  readonly host: string;
  readonly place: Place;
  readonly product: string;
  readonly totalMebibytes?: number;
  readonly freeMebibytes?: number;
  /** The card is split into slices. */
  readonly mig?: boolean;
}

interface Kind {
  readonly gpu: FoundGpu;
  /** In the host's order. */
  readonly rows: GpuRow[];
}

/** Cards next to each other that may work as one, with what is free on the fullest of them where other programs hold memory. */
interface Alike {
  readonly count: number;
  readonly freeMebibytes?: number;
}

/** Memory that the driver and a desktop hold; more is another program's. */
const USUAL_USE = 0.06;
/** The fullest of cards that may work as one has at least this share of the room of the emptiest. */
const ALIKE = 0.8;

/**
 * Cards → nodes: those of one kind in one host are one machine, different kinds are nodes of their own. What other programs hold of
 * a card's memory is not planned with. Cards that work as one have the room of the fullest each, so one that is much fuller than
 * those beside it works apart from them.
 */
export function hostsOfGpus(
  rows: readonly GpuRow[],
  problems: TextProblems,
  assumptions: string[],
): Parsed<ImportedHosts> {
  const hosts = new Map<string, Map<string, Kind>>();
  for (const row of rows) {
    if (row.mig === true) {
      problems.add(
        row.place,
        `${row.product} split into slices (MIG)`,
        "whole GPUs",
        "Switch MIG off (nvidia-smi -mig 0), or describe the slices under gpus of the cluster file by hand.",
      );
      continue;
    }
    const gpu = identifyGpu(row.product, row.totalMebibytes);
    if (gpu.kind === "unknown") {
      problems.add(row.place, JSON.stringify(row.product), gpu.expected, gpu.remedy);
      continue;
    }
    if (gpu.assumption !== undefined) assumptions.push(gpu.assumption);
    const kinds = hosts.get(row.host) ?? new Map<string, Kind>();
    const kind = kinds.get(gpu.name) ?? { gpu, rows: [] };
    kind.rows.push(row);
    hosts.set(row.host, kinds.set(gpu.name, kind));
  }
  const nodes = [...hosts].flatMap(([id, kinds]) =>
    hostNodes(id, [...kinds.values()], assumptions),
  );
  return settleHosts(problems, nodes, assumptions);
}

/** MiB that are free, or infinitely many where no other program holds any to speak of. */
function freeMemory({ totalMebibytes: total, freeMebibytes: free }: GpuRow): number {
  if (total === undefined || free === undefined) return Infinity;
  return total - free > USUAL_USE * total ? free : Infinity;
}

/** Cards in the host's order, cut where the room on them differs by much. O(cards). */
function groupAlike(rows: readonly GpuRow[]): readonly Alike[] {
  const groups: GpuRow[][] = [];
  let [least, most] = [Infinity, 0];
  for (const row of rows) {
    const room = Math.min(freeMemory(row), row.totalMebibytes ?? Infinity);
    [least, most] = [Math.min(least, room), Math.max(most, room)];
    if (groups.length > 0 && least >= ALIKE * most) {
      groups.at(-1)!.push(row);
      continue;
    }
    groups.push([row]);
    [least, most] = [room, room];
  }
  return groups.map((group) => {
    const free = smallest(group.map(freeMemory));
    return { count: group.length, ...(Number.isFinite(free) ? { freeMebibytes: free } : {}) };
  });
}

function hostNodes(
  id: string,
  kinds: readonly Kind[],
  assumptions: string[],
): readonly ImportedHost[] {
  if (kinds.length > 1) {
    assumptions.push(`${id} has cards of ${kinds.length} kinds: each kind is a node of its own`);
  }
  return kinds.map(({ gpu, rows }) => {
    const { name, own } = gpu;
    const groups = groupAlike(rows);
    assumptions.push(...describeBusy(id, name, groups));
    const memoryOf = ({ count, freeMebibytes: free }: Alike): Pick<CardsAlike, "memoryBytes"> =>
      free === undefined ? {} : { memoryBytes: count * free * MEBI };
    const cards = groups.map((group) => ({ count: group.count, ...memoryOf(group) }));
    return {
      id: kinds.length === 1 ? id : `${id}-${name.toLowerCase()}`,
      ...(kinds.length === 1 ? {} : { partOf: id }),
      gpu: name,
      gpus: rows.length,
      ...(own === undefined ? {} : { ownGpu: own }),
      ...(cards.length > 1 ? { cards } : memoryOf(groups[0]!)),
    };
  });
}

/** What of a host's memory is planned with, where other programs hold some. */
function describeBusy(id: string, gpu: string, groups: readonly Alike[]): readonly string[] {
  if (groups.every(({ freeMebibytes }) => freeMebibytes === undefined)) return [];
  const gibibytes = (free: number): string => `${(free / KIBI).toFixed(1)} GiB`;
  const [first, ...others] = groups;
  const planned =
    others.length === 0
      ? `the ${gibibytes(first!.freeMebibytes!)} that are free on the fullest card`
      : `${groups.map(({ count, freeMebibytes: free }) => `${count} with ${free === undefined ? "all their memory" : `${gibibytes(free)} free`}`).join(", ")}, in their order, which do not work as one`;
  return [`${id}: other programs hold memory of its ${gpu}: planned with ${planned}`];
}
