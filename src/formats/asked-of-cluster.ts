import type { AskedEngine } from "../core/engine-choice.js";
import type { ClusterFile, MachineEntry, TensorParallelEntry } from "./cluster-schema.js";

/** What a caller asks of a cluster in place of what its file says. */
export interface AskedOfCluster extends AskedEngine {
  /** How cards work together, in all machines. */
  readonly tensorParallel?: TensorParallelEntry | undefined;
  /** Machines are shared out under every engine, whatever the file says: a placement names their parts. */
  readonly parted?: boolean | undefined;
}

/** The cluster file with this instead of what it and its machines say of how cards work together. */
export function withTensorParallel(
  file: ClusterFile,
  tensorParallel: TensorParallelEntry | undefined,
): ClusterFile {
  if (tensorParallel === undefined) return file;
  return { ...file, tensorParallel, machines: withoutDegrees(file.machines) };
}

/** Machines that say nothing themselves of how their cards work together: what is asked of all holds for them. */
export function withoutDegrees<M extends MachineEntry>(
  machines: Readonly<Record<string, M>>,
): Record<string, Omit<M, "tensorParallel">> {
  const stripped = Object.entries(machines).map(([name, machine]) => {
    const { tensorParallel: _, ...rest } = machine;
    return [name, rest] as const;
  });
  return Object.fromEntries(stripped);
}
