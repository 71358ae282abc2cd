import type { InstanceGpus } from "./instance-types.js";
import { readCount } from "./kubernetes-labels.js";
import type { NodeFacts } from "./kubernetes-labels.js";

/** How many whole cards of a node can be used, and what was found on the way. */
export interface WholeCards {
  readonly cards: number;
  readonly assumptions: readonly string[];
}

/**
 * Whole cards of a node. Device plugins advertise shares of a card (time slicing, MPS, partitions) as
 * if they were cards; labels count cards whether or not they are sliced or broken; the instance type
 * knows how many there are at most. The smallest of what they say holds.
 * @param partsPerCard partitions that each card is split into (AMD), 1 for whole ones.
 */
export function countWholeCards(
  facts: NodeFacts,
  instance: InstanceGpus | undefined,
  partsPerCard: number,
): WholeCards {
  const { id, capacity, allocatable, counted } = facts;
  const said: string[] = [];
  const shares = sharesPerCard(facts) * partsPerCard;
  if (shares > 1 && capacity !== undefined) {
    said.push(`${id} offers every card as ${shares} shares: counted as whole cards`);
  }
  // With slicing and no label that says so, more cards are offered than the machine can have.
  const most = counted ?? instance?.gpus;
  const offered = capacity === undefined ? undefined : Math.floor(capacity / shares);
  if (offered !== undefined && most !== undefined && offered > most) {
    said.push(
      `${id} offers ${offered} GPUs but has ${most} (${counted === undefined ? `instance type ${facts.instanceType}` : "its labels"}): they are taken as shares of ${most}`,
    );
  }
  let cards = Math.min(offered ?? Infinity, most ?? Infinity);
  if (!Number.isFinite(cards)) cards = 1;
  if (capacity === undefined && counted === undefined) {
    const from = instance === undefined ? "nothing says how many" : "its instance type";
    said.push(`${id} has ${cards} × ${facts.product ?? instance?.gpu} (${from})`);
  }
  if (counted !== undefined && offered !== undefined && offered > 0 && offered < counted) {
    said.push(`${id} has ${counted} cards, of which ${offered} are offered whole`);
  }
  if (capacity !== undefined && allocatable !== undefined && allocatable < capacity) {
    // As many are broken as are missing, however the rest is shared.
    const healthy = Math.floor(cards * (allocatable / capacity) + 1e-9);
    said.push(`${id}: ${cards - healthy} of ${cards} cards are not allocatable (unhealthy?)`);
    cards = healthy;
  }
  return { cards, assumptions: said };
}

/** Shares of one card that the labels state. */
function sharesPerCard({ labels }: NodeFacts): number {
  const whole = labels["nvidia.com/gpu.sharing-strategy"] === "none";
  const replicas = whole ? 1 : readCount(labels["nvidia.com/gpu.replicas"]);
  const clients =
    readCount(labels["cloud.google.com/gke-max-shared-clients-per-gpu"]) ??
    readCount(labels["cloud.google.com/gke-max-time-shared-clients-per-gpu"]);
  return Math.max(1, replicas ?? 1) * Math.max(1, clients ?? 1);
}

/** How far memory over a partition's may be from a whole number. */
const NEAR_WHOLE = 0.06;

const AMD_PARTITIONS: Readonly<Record<string, number>> = { spx: 1, dpx: 2, tpx: 3, qpx: 4, cpx: 8 };

/**
 * Partitions that every card of an AMD node is split into: by its memory label, which then is that of
 * a partition, else by the name of the mode.
 * @param mebibytes memory of the whole card.
 */
export function partitionsPerCard(facts: NodeFacts, mebibytes: number | undefined): number {
  if (facts.vendor !== "amd") return 1;
  const mode = Object.entries(facts.labels)
    .filter(([label]) => /^(?:beta\.)?amd\.com\/compute(?:-memory)?-partition$/.test(label))
    .map(([, value]) => String(value).toLowerCase().split(/[_-]/)[0]!)[0];
  const named = mode === undefined ? 1 : (AMD_PARTITIONS[mode] ?? 1);
  if (facts.mebibytes === undefined || mebibytes === undefined) return named;
  const share = mebibytes / facts.mebibytes;
  const parts = Math.round(share);
  return parts > 1 && Math.abs(share / parts - 1) < NEAR_WHOLE ? parts : named;
}
