import { KIBI, MEBI } from "../../core/units.js";
import { identifyGpu } from "./identify-gpu.js";
import type { FoundGpu } from "./identify-gpu.js";
import { settleHosts } from "./import-outcome.js";
import type { ImportedHost, ImportedHosts, Parsed, Place, TextProblems } from "./import-outcome.js";

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
  count: number;
  freeMebibytes: number;
}

/** Memory that the driver and a desktop hold; more is another program's. */
const USUAL_USE = 0.06;

/**
 * Cards → nodes: those of one kind in one host work as one, different kinds are nodes of their own.
 * What other programs hold of a card's memory is not planned with.
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
    const kind = kinds.get(gpu.name) ?? { gpu, count: 0, freeMebibytes: Infinity };
    kind.count++;
    kind.freeMebibytes = Math.min(kind.freeMebibytes, freeMemory(row));
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

function hostNodes(
  id: string,
  kinds: readonly Kind[],
  assumptions: string[],
): readonly ImportedHost[] {
  if (kinds.length > 1) {
    assumptions.push(`${id} has cards of ${kinds.length} kinds: each kind is a node of its own`);
  }
  return kinds.map(({ gpu, count, freeMebibytes }) => {
    const { name, own } = gpu;
    const busy = Number.isFinite(freeMebibytes);
    if (busy) {
      const gibibytes = (freeMebibytes / KIBI).toFixed(1);
      assumptions.push(
        `${id}: other programs hold memory of its ${name}: planned with the ${gibibytes} GiB that are free on the fullest card`,
      );
    }
    return {
      id: kinds.length === 1 ? id : `${id}-${name.toLowerCase()}`,
      ...(kinds.length === 1 ? {} : { partOf: id }),
      gpu: name,
      gpus: count,
      ...(own === undefined ? {} : { ownGpu: own }),
      ...(busy ? { memoryBytes: count * freeMebibytes * MEBI } : {}),
    };
  });
}
