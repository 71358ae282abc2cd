import type { Gpu } from "./gpu.js";
import { gpusOf } from "./gpu-row.js";
import { NVIDIA_DESKTOP_FAMILIES } from "./gpus-nvidia-desktops.js";
import { NVIDIA_SERVER_FAMILIES } from "./gpus-nvidia-servers.js";
import { OTHER_FAMILIES } from "./gpus-other-vendors.js";

/** All catalogue entries, families together. */
export const GPU_CATALOGUE: readonly Gpu[] = [
  ...NVIDIA_SERVER_FAMILIES,
  ...NVIDIA_DESKTOP_FAMILIES,
  ...OTHER_FAMILIES,
].flatMap(gpusOf);
