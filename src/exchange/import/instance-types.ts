/** The GPUs of a cloud machine, by its type. */
export interface InstanceGpus {
  readonly gpu: string;
  readonly gpus: number;
}

/** Patterns of instance types, lower case, with their card and how many (0: the number is in the name). */
const PATTERNS: readonly (readonly [RegExp, string, number])[] = [
  [/^p3\.2xlarge$/, "V100-16GB", 1],
  [/^p3\.8xlarge$/, "V100-16GB", 4],
  [/^p3\.16xlarge$/, "V100-16GB", 8],
  [/^p3dn\.24xlarge$/, "V100-32GB", 8],
  [/^p4d\.24xlarge$/, "A100-40GB", 8],
  [/^p4de\.24xlarge$/, "A100-80GB", 8],
  [/^p5\.4xlarge$/, "H100-80GB", 1],
  [/^p5\.48xlarge$/, "H100-80GB", 8],
  [/^p5en?\.48xlarge$/, "H200-141GB", 8],
  [/^p6-b200\.48xlarge$/, "B200-180GB", 8],
  [/^p6-b300\.48xlarge$/, "B300-288GB", 8],
  [/^p6e-gb200\.36xlarge$/, "GB200-186GB", 4],
  [/^g4dn\.(2|4|8|16)?xlarge$/, "T4", 1],
  [/^g4dn\.12xlarge$/, "T4", 4],
  [/^g4dn\.metal$/, "T4", 8],
  [/^g5\.(2|4|8|16)?xlarge$/, "A10G", 1],
  [/^g5\.(12|24)xlarge$/, "A10G", 4],
  [/^g5\.48xlarge$/, "A10G", 8],
  [/^g6\.(2|4|8|16)?xlarge$/, "L4", 1],
  [/^gr6\.[48]xlarge$/, "L4", 1],
  [/^g6\.(12|24)xlarge$/, "L4", 4],
  [/^g6\.48xlarge$/, "L4", 8],
  [/^g6e\.(2|4|8|16)?xlarge$/, "L40S", 1],
  [/^g6e\.(12|24)xlarge$/, "L40S", 4],
  [/^g6e\.48xlarge$/, "L40S", 8],
  [/^g7e\.(2|4|8)xlarge$/, "RTX-PRO-6000-Server", 1],
  [/^g7e\.12xlarge$/, "RTX-PRO-6000-Server", 2],
  [/^g7e\.24xlarge$/, "RTX-PRO-6000-Server", 4],
  [/^g7e\.48xlarge$/, "RTX-PRO-6000-Server", 8],
  [/^a2-highgpu-(\d+)g$/, "A100-40GB", 0],
  [/^a2-megagpu-(\d+)g$/, "A100-40GB", 0],
  [/^a2-ultragpu-(\d+)g$/, "A100-80GB", 0],
  [/^a3-(?:high|mega|edge)gpu-(\d+)g$/, "H100-80GB", 0],
  [/^a3-ultragpu-(\d+)g$/, "H200-141GB", 0],
  [/^a4-highgpu-(\d+)g$/, "B200-180GB", 0],
  [/^a4x-highgpu-(\d+)g$/, "GB200-186GB", 0],
  [/^g2-standard-(?:4|8|12|16|32)$/, "L4", 1],
  [/^g2-standard-24$/, "L4", 2],
  [/^g2-standard-48$/, "L4", 4],
  [/^g2-standard-96$/, "L4", 8],
  [/^g4-standard-48$/, "RTX-PRO-6000-Server", 1],
  [/^g4-standard-96$/, "RTX-PRO-6000-Server", 2],
  [/^g4-standard-192$/, "RTX-PRO-6000-Server", 4],
  [/^g4-standard-384$/, "RTX-PRO-6000-Server", 8],
  [/^standard_nc6s_v2$/, "P100-PCIe-16GB", 1],
  [/^standard_nc12s_v2$/, "P100-PCIe-16GB", 2],
  [/^standard_nc24r?s_v2$/, "P100-PCIe-16GB", 4],
  [/^standard_nd6s$/, "P40", 1],
  [/^standard_nd12s$/, "P40", 2],
  [/^standard_nd24r?s$/, "P40", 4],
  [/^standard_nc6s_v3$/, "V100-PCIe-16GB", 1],
  [/^standard_nc12s_v3$/, "V100-PCIe-16GB", 2],
  [/^standard_nc24r?s_v3$/, "V100-PCIe-16GB", 4],
  [/^standard_nd40rs_v2$/, "V100-32GB", 8],
  [/^standard_nc24ads_a100_v4$/, "A100-80GB-PCIe", 1],
  [/^standard_nc48ads_a100_v4$/, "A100-80GB-PCIe", 2],
  [/^standard_nc96ads_a100_v4$/, "A100-80GB-PCIe", 4],
  [/^standard_nd96amsr_a100_v4$/, "A100-80GB", 8],
  [/^standard_nd96asr_(?:a100_)?v4$/, "A100-40GB", 8],
  [/^standard_nc40ads_h100_v5$/, "H100-NVL-94GB", 1],
  [/^standard_nc80adis_h100_v5$/, "H100-NVL-94GB", 2],
  [/^standard_nd96isr_h100_v5$/, "H100-80GB", 8],
  [/^standard_nd96isr_h200_v5$/, "H200-141GB", 8],
  [/^standard_nd96isr_mi300x_v5$/, "MI300X", 8],
  [/^standard_nd128isr_ndr_gb200_v6$/, "GB200-186GB", 4],
  [/^standard_nc(?:4|8|16)as_t4_v3$/, "T4", 1],
  [/^standard_nc64as_t4_v3$/, "T4", 4],
  [/^standard_nv36adm?s_a10_v5$/, "A10", 1],
  [/^standard_nv72ads_a10_v5$/, "A10", 2],
  [/^bm\.gpu3\.8$/, "V100-16GB", 8],
  [/^bm\.gpu4\.8$/, "A100-40GB", 8],
  [/^bm\.gpu\.a100-v2\.8$/, "A100-80GB", 8],
  [/^(?:bm|vm)\.gpu\.a10\.(\d)$/, "A10", 0],
  [/^bm\.gpu\.l40s\.4$/, "L40S", 4],
  [/^bm\.gpu\.h100\.8$/, "H100-80GB", 8],
  [/^bm\.gpu\.h200\.8$/, "H200-141GB", 8],
  [/^bm\.gpu\.b200\.8$/, "B200-180GB", 8],
  [/^bm\.gpu\.mi300x\.8$/, "MI300X", 8],
];

/** The GPUs of an instance type of AWS, Google Cloud, Azure or Oracle, any case, if it is known to have whole ones. */
export function findInstanceType(name: string): InstanceGpus | undefined {
  const type = name.toLowerCase();
  for (const [pattern, gpu, gpus] of PATTERNS) {
    const match = pattern.exec(type);
    if (match !== null) return { gpu, gpus: gpus === 0 ? Number(match[1]) : gpus };
  }
  return undefined;
}
