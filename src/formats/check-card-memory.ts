import type { Assumption } from "../core/model.js";
import { GIGA } from "../core/units.js";
import { atMostReported, findGpu, reportsBytes } from "../hardware/find-gpu.js";
import type { Gpu } from "../hardware/gpu.js";
import type { MachineEntry } from "./cluster-schema.js";
import { formatPath } from "./describe-issues.js";
import type { ProblemList } from "./problem-list.js";
import { readOptionalQuantity } from "./read-quantity.js";

type Row = Pick<MachineEntry, "gpu" | "memory" | "freeMemory"> & {
  readonly count: number;
  readonly path: string;
};

/**
 * What a machine's entry says of memory, held against the cards that it names. No more can be free of a card than it has:
 * that is a problem. More memory than the catalogue knows may be another card of that name, and the memory of one card
 * said of several may be all that is meant: both are believed, and said.
 */
export function checkCardMemory(
  name: string,
  entry: MachineEntry,
  gpus: readonly Gpu[],
  list: ProblemList,
  assume: (assumption: Assumption) => void,
): void {
  const path = formatPath(["machines", name]);
  const { cards } = entry;
  const rows: readonly Row[] =
    cards === undefined
      ? [{ ...entry, count: entry.gpus ?? 1, path }]
      : cards.map((card, at) => ({ ...card, count: 1, path: `${path}.cards[${at}]` }));
  for (const { gpu: named, count, path: at, ...row } of rows) {
    const gpu = named === undefined ? undefined : findGpu(named, gpus);
    if (gpu === undefined) continue;
    const memory = readOptionalQuantity("bytes", row.memory);
    const free = readOptionalQuantity("bytes", row.freeMemory);
    const most = Math.max(atMostReported(gpu), (memory ?? 0) / count);
    if (free !== undefined && free > most)
      list.add(
        `${at}.freeMemory`,
        row.freeMemory,
        `at most what one card has: ${size(Math.max(gpu.memoryBytes, (memory ?? 0) / count))} (${gpu.name})`,
        "Give what is free of each card; a card with more memory than the catalogue's is described under gpus.",
      );
    if (memory === undefined) continue;
    const what = `${at}.memory makes ${size(memory / count)} of each ${gpu.name}, which has ${size(gpu.memoryBytes)}`;
    const where = `${at}.memory`;
    if (memory > count * atMostReported(gpu))
      assume({
        what,
        where,
        effect: "planned with; leave it out where the cards are the catalogue's",
      });
    else if (count > 1 && reportsBytes(gpu, memory))
      assume({
        what,
        where,
        effect: `it is of all ${count} cards together, and planned with; leave it out where all of their memory is free`,
        isDefault: true,
      });
  }
}

function size(bytes: number): string {
  return `${Number((bytes / GIGA).toPrecision(3))} GB`;
}
