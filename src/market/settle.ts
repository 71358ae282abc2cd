import type { ClusterFile } from "../formats/cluster-schema.js";
import { formatPath } from "../formats/describe-issues.js";
import type { PriceList } from "../formats/price-list-schema.js";

/** What cluster file and price list do not say alike, or only one of them says, and whose word counts. */
export interface Settled {
  /** Path in both files. */
  readonly path: string;
  readonly value: unknown;
  readonly from: "cluster file" | "price list" | "first region on offer";
  /** What the price list says that does not count. */
  readonly instead?: unknown;
}

/** Machines that both files describe are the cluster file's. */
export function settleMachines(file: ClusterFile, { machines }: PriceList): readonly Settled[] {
  return Object.entries(machines).flatMap(([name, listed]) => {
    const known = Object.hasOwn(file.machines, name) ? file.machines[name]! : undefined;
    if (known === undefined) return [];
    const { availability: _, pricePerHour: __, ...own } = listed;
    return Object.entries(own).flatMap(([key, instead]) => {
      const value: unknown = known[key as keyof typeof known];
      if (JSON.stringify(value) === JSON.stringify(instead)) return [];
      const path = formatPath(["machines", name, key]);
      return [{ path, value: value ?? null, from: "cluster file", instead } as const];
    });
  });
}

/** Where requests come in, where the cluster file leaves that open. */
export function settleCoordinator(
  file: ClusterFile,
  prices: PriceList,
  firstRegion: string | undefined,
): readonly Settled[] {
  const { region, nic } = prices.coordinator ?? {};
  const listed = Object.entries({ region, nic }).flatMap(([key, value]) =>
    value === undefined || file.coordinator?.[key as "region" | "nic"] !== undefined
      ? []
      : [{ path: `coordinator.${key}`, value, from: "price list" } as const],
  );
  if (region !== undefined || file.coordinator?.region !== undefined) return listed;
  if (firstRegion === undefined) return listed;
  const path = "coordinator.region";
  return [{ path, value: firstRegion, from: "first region on offer" }, ...listed];
}
