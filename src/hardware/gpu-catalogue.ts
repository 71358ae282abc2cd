import { GIGA, TERA } from "../core/units.js";
import type { Gpu } from "./gpu.js";

/** The sources behind the rows, by key. Figures as published up to 2025. */
const SOURCES = {
  volta: "NVIDIA V100 data sheet and Tesla V100 white paper (WP-08608)",
  turing: "NVIDIA T4 product brief (PB-09256), Turing white paper (WP-09183)",
  ampere: "NVIDIA A100 data sheet and product brief (PB-10577)",
  ampereCard: "NVIDIA data sheet of the card; A10G: AWS G5 instances, as measured clocks allow",
  geforce30: "NVIDIA Ampere GA102 white paper (V2), FP16 with FP32 accumulation",
  hopper: "NVIDIA H100 / H200 / H20 data sheets, dense figures (half of the sparse ones)",
  blackwell: "NVIDIA HGX B200 data sheet, dense figures (half of the sparse ones)",
  ada: "NVIDIA L4 / L40 / L40S / RTX 6000 Ada data sheets, dense figures",
  geforce40: "NVIDIA Ada white paper (V2), FP16 with FP32 accumulation",
  geforce50: "NVIDIA RTX Blackwell white paper (V1), FP16 with FP32 accumulation",
  cdna: "AMD Instinct data sheet of the card, dense matrix figures",
  apple: "Apple newsroom and technical specifications; FP16 taken at the FP32 rate",
} as const;

/**
 * name · GB · GB/s · 16-bit TFLOPS · fp8 TFLOPS (0: none) · base and boost MHz (0: not published)
 * · direct GB/s per direction (0: PCIe only) · source. Dense figures: sparse ones are twice as high.
 */
type Row = readonly [
  name: string,
  memory: number,
  bandwidth: number,
  tflops: number,
  fp8: number,
  baseClock: number,
  boostClock: number,
  direct: number,
  source: keyof typeof SOURCES,
];

const ROWS: readonly Row[] = [
  ["V100-16GB", 16, 900, 125, 0, 1290, 1530, 150, "volta"],
  ["V100-32GB", 32, 900, 125, 0, 1290, 1530, 150, "volta"],
  ["T4", 16, 320, 65, 0, 585, 1590, 0, "turing"],
  ["RTX-2080-Ti", 11, 616, 53.8, 0, 1350, 1545, 0, "turing"],
  ["Quadro-RTX-8000", 48, 672, 130.5, 0, 1395, 1770, 50, "turing"],
  ["A100-40GB", 40, 1555, 312, 0, 1095, 1410, 300, "ampere"],
  ["A100-80GB", 80, 2039, 312, 0, 1095, 1410, 300, "ampere"],
  ["A100-40GB-PCIe", 40, 1555, 312, 0, 765, 1410, 0, "ampere"],
  ["A100-80GB-PCIe", 80, 1935, 312, 0, 1065, 1410, 0, "ampere"],
  ["A30", 24, 933, 165, 0, 930, 1440, 0, "ampereCard"],
  ["A40", 48, 696, 149.7, 0, 1305, 1740, 0, "ampereCard"],
  ["A10", 24, 600, 125, 0, 885, 1695, 0, "ampereCard"],
  ["A10G", 24, 600, 70, 0, 1320, 1710, 0, "ampereCard"],
  ["RTX-A6000", 48, 768, 154.8, 0, 1410, 1800, 0, "ampereCard"],
  ["RTX-3060", 12, 360, 25.6, 0, 1320, 1777, 0, "geforce30"],
  ["RTX-3070", 8, 448, 40.6, 0, 1500, 1725, 0, "geforce30"],
  ["RTX-3080", 10, 760, 59.5, 0, 1440, 1710, 0, "geforce30"],
  ["RTX-3090", 24, 936, 71, 0, 1395, 1695, 0, "geforce30"],
  ["RTX-3090-Ti", 24, 1008, 80, 0, 1560, 1860, 0, "geforce30"],
  ["L4", 24, 300, 121, 242, 795, 2040, 0, "ada"],
  ["L40", 48, 864, 181, 362, 735, 2490, 0, "ada"],
  ["L40S", 48, 864, 362, 733, 1110, 2520, 0, "ada"],
  ["RTX-6000-Ada", 48, 960, 364, 728, 915, 2505, 0, "ada"],
  ["RTX-4060", 8, 272, 30.2, 60.5, 1830, 2460, 0, "geforce40"],
  ["RTX-4060-Ti-16GB", 16, 288, 44.1, 88.2, 2310, 2535, 0, "geforce40"],
  ["RTX-4070", 12, 504, 58.3, 116.6, 1920, 2475, 0, "geforce40"],
  ["RTX-4070-Ti", 12, 504, 80.2, 160.4, 2310, 2610, 0, "geforce40"],
  ["RTX-4080", 16, 717, 97.5, 194.9, 2205, 2505, 0, "geforce40"],
  ["RTX-4090", 24, 1008, 165, 330, 2235, 2520, 0, "geforce40"],
  ["RTX-5070", 12, 672, 61.7, 123.5, 2165, 2512, 0, "geforce50"],
  ["RTX-5070-Ti", 16, 896, 87.9, 175.8, 2295, 2452, 0, "geforce50"],
  ["RTX-5080", 16, 960, 112.6, 225.1, 2295, 2617, 0, "geforce50"],
  ["RTX-5090", 32, 1792, 209.5, 419, 2017, 2407, 0, "geforce50"],
  ["H100-80GB", 80, 3350, 989, 1979, 1590, 1980, 450, "hopper"],
  ["H100-80GB-PCIe", 80, 2000, 756, 1513, 1095, 1755, 0, "hopper"],
  ["H100-NVL-94GB", 94, 3938, 835, 1671, 1080, 1785, 300, "hopper"],
  ["H200-141GB", 141, 4800, 989, 1979, 1590, 1980, 450, "hopper"],
  ["H20-96GB", 96, 4000, 148, 296, 0, 0, 450, "hopper"],
  ["B200-180GB", 180, 7700, 2250, 4500, 0, 0, 900, "blackwell"],
  ["MI210", 64, 1638, 181, 0, 0, 0, 0, "cdna"],
  ["MI250X", 128, 3276, 383, 0, 0, 0, 50, "cdna"],
  ["MI300X", 192, 5300, 1307, 2614, 0, 0, 64, "cdna"],
  ["MI325X", 256, 6000, 1307, 2614, 0, 0, 64, "cdna"],
  ["M1-Max-64GB", 64, 400, 10.4, 0, 0, 0, 0, "apple"],
  ["M1-Ultra-128GB", 128, 800, 21, 0, 0, 0, 0, "apple"],
  ["M2-Ultra-192GB", 192, 800, 27.2, 0, 0, 0, 0, "apple"],
];

const WITHOUT_BF16: ReadonlySet<keyof typeof SOURCES> = new Set(["volta", "turing"]);

/** All catalogue entries, families together. */
export const GPU_CATALOGUE: readonly Gpu[] = ROWS.map(gpuFromRow);

function gpuFromRow(row: Row): Gpu {
  const [name, memory, bandwidth, tflops, fp8, baseClock, boostClock, direct, source] = row;
  return {
    name,
    memoryBytes: memory * GIGA,
    bandwidthBytesPerSecond: bandwidth * GIGA,
    flopsPerSecond: tflops * TERA,
    ...(fp8 === 0 ? {} : { fp8FlopsPerSecond: fp8 * TERA }),
    ...(boostClock === 0 ? {} : { sustainedShare: baseClock / boostClock }),
    ...(direct === 0 ? {} : { directBytesPerSecond: direct * GIGA }),
    ...(WITHOUT_BF16.has(source) ? { lacksBf16: true } : {}),
    ...(source === "apple" ? { unifiedMemory: true } : {}),
    source: SOURCES[source],
  };
}
