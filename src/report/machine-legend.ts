import { printable } from "../core/printable.js";
import type { Cluster } from "../core/cluster.js";
import type { LegendEntry } from "./chart/legend.js";
import { seriesColour, seriesOutline } from "./theme.js";

/** The colours of the machine types that a picture shows, in the cluster's order. */
export function legendOf(
  cluster: Cluster,
  shown: readonly { readonly machine: number }[],
): readonly LegendEntry[] {
  const types = new Set(shown.map(({ machine }) => machine));
  return cluster.machines.flatMap(({ name }, index) =>
    types.has(index)
      ? [{ name: printable(name), colour: seriesColour(index), outline: seriesOutline(index) }]
      : [],
  );
}
