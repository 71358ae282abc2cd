import type { GpuFamily } from "./gpu-row.js";

/** NVIDIA's cards for servers, oldest first. Figures as published up to 2025. */
export const NVIDIA_SERVER_FAMILIES: readonly GpuFamily[] = [
  {
    source: "NVIDIA Pascal and Maxwell data sheets; no matrix units: the rate of plain arithmetic",
    lacksBf16: true,
    homeOnly: true,
    rows: [
      ["M40-24GB", 24, 288, 6.8, 0, 948, 1114, 0, 250],
      ["P4", 8, 192, 5.5, 0, 886, 1114, 0, 75],
      ["P40", 24, 346, 11.8, 0, 1303, 1531, 0, 250],
      ["P100-PCIe-12GB", 12, 549, 18.7, 0, 1190, 1303, 0, 250],
      ["P100-PCIe-16GB", 16, 732, 18.7, 0, 1190, 1303, 0, 250],
      ["P100-16GB", 16, 732, 21.2, 0, 1328, 1480, 80, 300],
    ],
  },
  {
    source: "NVIDIA V100 data sheet and Tesla V100 white paper (WP-08608)",
    lacksBf16: true,
    volta: true,
    rows: [
      ["V100-16GB", 16, 900, 125, 0, 1290, 1530, 150, 300],
      ["V100-32GB", 32, 900, 125, 0, 1290, 1530, 150, 300],
      ["V100-PCIe-16GB", 16, 900, 112, 0, 1230, 1380, 0, 250],
      ["V100-PCIe-32GB", 32, 900, 112, 0, 1230, 1380, 0, 250],
    ],
  },
  {
    source: "NVIDIA T4 product brief (PB-09256), Turing white paper (WP-09183)",
    lacksBf16: true,
    rows: [["T4", 16, 320, 65, 0, 585, 1590, 0, 70]],
  },
  {
    source: "NVIDIA A100 data sheet and product brief (PB-10577); A800: slower links",
    rows: [
      ["A100-40GB", 40, 1555, 312, 0, 1095, 1410, 300, 400],
      ["A100-80GB", 80, 2039, 312, 0, 1095, 1410, 300, 400],
      ["A100-40GB-PCIe", 40, 1555, 312, 0, 765, 1410, 0, 250],
      ["A100-80GB-PCIe", 80, 1935, 312, 0, 1065, 1410, 0, 300],
      ["A800-40GB", 40, 1555, 312, 0, 1095, 1410, 200, 400],
      ["A800-80GB", 80, 2039, 312, 0, 1095, 1410, 200, 400],
      ["A800-40GB-PCIe", 40, 1555, 312, 0, 765, 1410, 0, 250],
      ["A800-80GB-PCIe", 80, 1935, 312, 0, 1065, 1410, 0, 300],
    ],
  },
  {
    source: "NVIDIA data sheet of the card; A10G: AWS G5 instances, as measured clocks allow",
    rows: [
      ["A2", 16, 200, 18, 0, 1440, 1770, 0, 60],
      ["A16", 16, 200, 17.9, 0, 1312, 1755, 0, 62],
      ["A30", 24, 933, 165, 0, 930, 1440, 0, 165],
      ["A40", 48, 696, 149.7, 0, 1305, 1740, 0, 300],
      ["A10", 24, 600, 125, 0, 885, 1695, 0, 150],
      ["A10G", 24, 600, 70, 0, 1320, 1710, 0, 300],
      ["A10M", 20, 500, 62.5, 0, 945, 1635, 0, 150],
    ],
  },
  {
    source: "NVIDIA L4 / L20 / L40 / L40S data sheets, dense figures",
    rows: [
      ["L4", 24, 300, 121, 242, 795, 2040, 0, 72],
      ["L20", 48, 864, 119.5, 239, 1440, 2520, 0, 275],
      ["L40", 48, 864, 181, 362, 735, 2490, 0, 300],
      ["L40S", 48, 864, 362, 733, 1110, 2520, 0, 350],
    ],
  },
  {
    source: "NVIDIA H100 / H200 / H20 / GH200 data sheets, dense figures (half of the sparse ones)",
    rows: [
      ["H100-80GB", 80, 3350, 989, 1979, 1590, 1980, 450, 700],
      ["H100-80GB-PCIe", 80, 2000, 756, 1513, 1095, 1755, 0, 350],
      ["H100-NVL-94GB", 94, 3938, 835, 1671, 1080, 1785, 300, 400],
      ["H100-64GB", 64, 2020, 989, 1979, 1590, 1980, 450, 700],
      ["H100-96GB", 96, 3350, 989, 1979, 1590, 1980, 450, 700],
      ["H800-80GB", 80, 3350, 989, 1979, 1590, 1980, 200, 700],
      ["H800-80GB-PCIe", 80, 2000, 756, 1513, 1095, 1755, 0, 350],
      ["H200-141GB", 141, 4800, 989, 1979, 1590, 1980, 450, 700],
      ["H200-NVL-141GB", 141, 4800, 835, 1671, 1080, 1785, 450, 600],
      ["H20-96GB", 96, 4000, 148, 296, 0, 0, 450, 400],
      ["H20-141GB", 141, 4800, 148, 296, 0, 0, 450, 400],
      ["GH200-96GB", 96, 4000, 989, 1979, 0, 0, 450, 700],
      ["GH200-144GB", 144, 4900, 989, 1979, 0, 0, 450, 700],
    ],
  },
  {
    source: "NVIDIA HGX B200, GB200 NVL72 data sheets, dense figures (half of the sparse ones)",
    fp4Factor: 2,
    rows: [
      ["B200-180GB", 180, 7700, 2250, 4500, 0, 0, 900, 1000],
      ["GB200-186GB", 186, 8000, 2500, 5000, 0, 0, 900, 1200],
    ],
  },
  {
    source: "NVIDIA HGX B300, GB300 NVL72 data sheets, dense figures",
    fp4Factor: 3,
    rows: [
      ["B300-288GB", 288, 8000, 2250, 4500, 0, 0, 900, 1100],
      ["GB300-288GB", 288, 8000, 2500, 5000, 0, 0, 900, 1400],
    ],
  },
  {
    source:
      "NVIDIA data sheet of the module: the sparse 4- or 8-bit figure, divided down to 16 bits",
    unifiedMemory: true,
    rows: [
      ["Jetson-Orin-Nano-8GB", 8, 102, 16.7, 0, 0, 0, 0, 25],
      ["Jetson-Orin-NX-8GB", 8, 102, 20, 0, 0, 0, 0, 40],
      ["Jetson-Orin-NX-16GB", 16, 102, 25, 0, 0, 0, 0, 40],
      ["Jetson-AGX-Orin-32GB", 32, 205, 27, 0, 0, 0, 0, 40],
      ["Jetson-AGX-Orin-64GB", 64, 205, 42.5, 0, 0, 0, 0, 60],
    ],
  },
  {
    source: "NVIDIA data sheet of the system: the sparse 4-bit figure, divided down to 16 bits",
    unifiedMemory: true,
    fp4Factor: 2,
    rows: [
      ["GB10", 128, 273, 125, 250, 0, 0, 0, 140],
      ["Jetson-AGX-Thor", 128, 273, 259, 517, 0, 0, 0, 130],
    ],
  },
];
