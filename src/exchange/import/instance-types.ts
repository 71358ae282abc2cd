/** The GPUs of a cloud machine, by its type. */
export interface InstanceGpus {
  readonly gpu: string;
  readonly gpus: number;
}

/** Patterns of instance types with their card and how many (0: the number is in the name). */
const PATTERNS: readonly (readonly [RegExp, string, number])[] = [
  [/^p3\.2xlarge$/, "V100-16GB", 1],
  [/^p3\.8xlarge$/, "V100-16GB", 4],
  [/^p3\.16xlarge$/, "V100-16GB", 8],
  [/^p4d\.24xlarge$/, "A100-40GB", 8],
  [/^p4de\.24xlarge$/, "A100-80GB", 8],
  [/^p5\.48xlarge$/, "H100-80GB", 8],
  [/^p5e?n?\.48xlarge$/, "H200-141GB", 8],
  [/^g4dn\.(2|4|8|16)?xlarge$/, "T4", 1],
  [/^g4dn\.12xlarge$/, "T4", 4],
  [/^g5\.(2|4|8|16)?xlarge$/, "A10G", 1],
  [/^g5\.(12|24)xlarge$/, "A10G", 4],
  [/^g5\.48xlarge$/, "A10G", 8],
  [/^g6\.(2|4|8|16)?xlarge$/, "L4", 1],
  [/^g6\.(12|24)xlarge$/, "L4", 4],
  [/^g6\.48xlarge$/, "L4", 8],
  [/^g6e\.(2|4|8|16)?xlarge$/, "L40S", 1],
  [/^g6e\.(12|24)xlarge$/, "L40S", 4],
  [/^g6e\.48xlarge$/, "L40S", 8],
  [/^a2-highgpu-(\d+)g$/, "A100-40GB", 0],
  [/^a2-ultragpu-(\d+)g$/, "A100-80GB", 0],
  [/^a3-(?:high|mega)gpu-(\d+)g$/, "H100-80GB", 0],
  [/^g2-standard-(?:4|8|12|16|32)$/, "L4", 1],
  [/^g2-standard-24$/, "L4", 2],
  [/^g2-standard-48$/, "L4", 4],
  [/^g2-standard-96$/, "L4", 8],
  [/^Standard_NC24ads_A100_v4$/, "A100-80GB-PCIe", 1],
  [/^Standard_NC48ads_A100_v4$/, "A100-80GB-PCIe", 2],
  [/^Standard_NC96ads_A100_v4$/, "A100-80GB-PCIe", 4],
  [/^Standard_ND96asr_v4$/, "A100-40GB", 8],
  [/^Standard_ND96amsr_A100_v4$/, "A100-80GB", 8],
  [/^Standard_ND96isr_H100_v5$/, "H100-80GB", 8],
  [/^Standard_NC(?:4|8|16)as_T4_v3$/, "T4", 1],
  [/^Standard_NC64as_T4_v3$/, "T4", 4],
];

/** The GPUs of an instance type of AWS, Google Cloud or Azure, if it is known to have any. */
export function findInstanceType(name: string): InstanceGpus | undefined {
  for (const [pattern, gpu, gpus] of PATTERNS) {
    const match = pattern.exec(name);
    if (match !== null) return { gpu, gpus: gpus === 0 ? Number(match[1]) : gpus };
  }
  return undefined;
}
