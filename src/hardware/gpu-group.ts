import type { Gpu } from "./gpu.js";

/** GPUs that share every layer of a node (tensor parallel). */
export interface GpuGroup {
  readonly gpu: Gpu;
  readonly gpus: number;
  readonly interconnect: "nvlink" | "pcie";
}
