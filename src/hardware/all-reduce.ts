import { GIGA, MEGA } from "../core/units.js";
import type { GpuGroup } from "./gpu-group.js";

/** How an engine adds up: its own kernel in a recorded graph, the same one by one, or NCCL. */
export type AllReducePath = "graph" | "eager" | "nccl";

/** By the number of cards: 2, 4, 8. */
type ByCards = readonly [two: number, four: number, eight: number];

const COUNTS = [2, 4, 8] as const;
const MICRO = 1e-6;

/** How fast cards add up; latencies in µs. */
interface Adding {
  readonly latencies: Readonly<Record<AllReducePath, ByCards>>;
  /** Middle sizes take longer than start and rate say: µs at 1 MB, growing with the root of the size. */
  readonly middle: number;
}

/** By generation of the direct links (GB/s per direction), with the share of the link that reaches the sum. */
const DIRECT: readonly (Adding & { readonly most: number; readonly shares: ByCards })[] = [
  {
    most: 300,
    shares: [0.64, 0.64, 0.68],
    latencies: { graph: [4.9, 5.4, 6.4], eager: [43, 44, 44], nccl: [12, 15, 22] },
    middle: 2.5,
  },
  {
    most: 450,
    shares: [0.62, 0.71, 0.86],
    latencies: { graph: [4.3, 4.6, 5.2], eager: [20.5, 21, 23], nccl: [7.2, 10.8, 17.8] },
    middle: 2.2,
  },
  {
    most: Infinity,
    shares: [0.54, 0.65, 0.7],
    latencies: { graph: [6.5, 6.8, 7.4], eager: [20, 21, 21.5], nccl: [10.6, 15.7, 26.5] },
    middle: 2.5,
  },
];

/** Over PCIe, where somebody measured it: GB/s per card; 2, 4 and 8 cards share a root or cross sockets. */
const PCIE: Readonly<Record<string, { readonly rates: ByCards; readonly eager: ByCards }>> = {
  L40S: { rates: [19.2, 3.9, 1.95], eager: [60, 55, 46] },
  "RTX-PRO-6000-Server": { rates: [36, 28, 23.3], eager: [21, 29, 29] },
  "Arc-Pro-B60": { rates: [19.8, 20.7, 20.3], eager: [38, 45, 50] },
};

/** A pair of L4 in a cloud machine (bench/roofline.ts); taken for every other card without direct links. */
const PCIE_DEFAULT = { rates: [4.29, 4.29, 4.29], eager: [40, 45, 48] } as const;
const PCIE_GRAPH: ByCards = [5, 13.2, 25];
const PCIE_NCCL: ByCards = [7, 12.5, 23];

/**
 * Seconds to add up `bytes` over the cards of a group, each holding all of them before and after: a
 * ring sends 2(g−1)/g of the data from every card. Fitted on half of the rows of public timings
 * (bench/measured.ts). O(1).
 */
export function allReduceSeconds(
  group: GpuGroup,
  bytes: number,
  path: AllReducePath = "graph",
): number {
  const { gpu, gpus, interconnect } = group;
  if (gpus === 1) return 0;
  const sent = ((2 * (gpus - 1)) / gpus) * bytes;
  const direct = interconnect === "nvlink" ? gpu.directBytesPerSecond : undefined;
  if (direct === undefined) {
    const { rates, eager } = PCIE[gpu.name] ?? PCIE_DEFAULT;
    const latencies = { graph: PCIE_GRAPH, eager, nccl: PCIE_NCCL }[path];
    return atCount(latencies, gpus) * MICRO + sent / (atCount(rates, gpus) * GIGA);
  }
  const { shares, latencies, middle } = DIRECT.find(({ most }) => direct <= most * GIGA)!;
  return (
    atCount(latencies[path], gpus) * MICRO +
    middle * MICRO * Math.sqrt(bytes / MEGA) +
    sent / (direct * atCount(shares, gpus))
  );
}

/** What two cards of a machine can send each other, one direction. O(1). */
export function pairBytesPerSecond({ gpu, interconnect }: Omit<GpuGroup, "gpus">): number {
  const direct = interconnect === "nvlink" ? gpu.directBytesPerSecond : undefined;
  return direct ?? (PCIE[gpu.name] ?? PCIE_DEFAULT).rates[0] * GIGA;
}

/** Between measured counts on a line over their logarithm, beyond them as at the last. */
function atCount(values: ByCards, gpus: number): number {
  const x = Math.log2(Math.min(Math.max(gpus, COUNTS[0]), COUNTS[2])) - 1;
  const left = Math.min(1, Math.floor(x));
  return values[left]! + (values[left + 1]! - values[left]!) * (x - left);
}
