import type {
  ClusterFile,
  GpuEntry,
  MachineEntry,
  NetworkEntry,
  NodeEntry,
} from "./cluster-schema.js";

type Broken<T> = T | undefined;

/** A network section in which single links or pairs may be missing. */
export type SalvagedNetwork = Omit<NetworkEntry, "links" | "regions"> & {
  readonly links?: readonly Broken<NonNullable<NetworkEntry["links"]>[number]>[] | undefined;
  readonly regions?: readonly Broken<NonNullable<NetworkEntry["regions"]>[number]>[] | undefined;
};

/** What can be relied on of a cluster file: `undefined` stands where an entry was broken. */
export interface SalvagedFile {
  readonly name?: Broken<string>;
  readonly model?: Broken<ClusterFile["model"]>;
  readonly workload?: Broken<ClusterFile["workload"]>;
  readonly machines?: Broken<Readonly<Record<string, Broken<MachineEntry>>>>;
  readonly tensorParallel?: Broken<ClusterFile["tensorParallel"]>;
  readonly gpus?: Broken<Readonly<Record<string, Broken<GpuEntry>>>>;
  readonly throughputRule?: Broken<ClusterFile["throughputRule"]>;
  readonly memoryRule?: Broken<ClusterFile["memoryRule"]>;
  readonly nodes?: Broken<readonly Broken<NodeEntry>[]>;
  readonly network?: Broken<SalvagedNetwork>;
  readonly coordinator?: Broken<ClusterFile["coordinator"]>;
  readonly engine?: Broken<ClusterFile["engine"]>;
}
