import type { Curve } from "../core/capacity.js";

/** A machine type as the cluster file describes it, in SI units, before its capacity is known. */
export interface MachineSpec {
  readonly name: string;
  /** Catalogue name or a custom one. */
  readonly gpu?: string;
  /** GPUs that work as one node (tensor parallel). */
  readonly gpus: number;
  /** Memory of the whole machine, for machines without a catalogue entry. */
  readonly memoryBytes?: number;
  readonly nicBytesPerSecond: number;
  readonly pricePerHour?: number;
  /** Whether the cards share their memory with the processor, where the file says so. */
  readonly unifiedMemory?: boolean;
  /** Of the whole machine, where the file says so. */
  readonly powerWatts?: number;
  /** At which it loads weights. */
  readonly loadBytesPerSecond?: number;
  readonly interconnect?: "nvlink" | "pcie";
  readonly profile?: ProfileSpec;
}

/** Given figures: either T(k) itself or the measured curves it is derived from. */
export interface ProfileSpec {
  readonly tokensPerSecond?: readonly number[];
  readonly kvCacheTokens?: readonly number[];
  readonly promptSeconds?: Curve;
  readonly decodeSeconds?: Curve;
  readonly kvBlocks?: readonly number[];
  readonly promptMaxRequests?: readonly number[];
  readonly decodeMaxTokens?: readonly number[];
}
