import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../../math/lp/model-builder.js";
import type { MachineClass, PatternGroup } from "../problem/machine-classes.js";
import { addPatterns } from "./configuration-lp.js";
import type { ChainPattern } from "./price-chains.js";

/** The rows of the models of a packing: what there is of each class, or what patterns of machines make of them. */
export interface PackingRows {
  readonly classes: readonly MachineClass[];
  readonly groups: readonly PatternGroup[];
  readonly layers: number;
  readonly supplies: readonly number[];
  /** Most nodes of each class, however cards are shared out. */
  readonly mostOf: readonly number[];
  readonly mostChains: number | undefined;
  /** Tokens/s times this are costs. */
  readonly scale: number;
}

/** Rows and pattern columns, before any chain. */
export function startModel({ supplies, groups, mostChains }: PackingRows): {
  readonly builder: ModelBuilder;
  readonly chainRow: number;
  readonly shared: number;
} {
  const builder = createModelBuilder("maximize");
  for (const supply of supplies) builder.addRow({ lower: -Infinity, upper: supply });
  const shared = addPatterns(builder, groups, supplies.length);
  const chainRow = supplies.length + groups.length;
  if (mostChains !== undefined) builder.addRow({ lower: -Infinity, upper: mostChains });
  return { builder, chainRow, shared };
}

export function toColumn(
  { mostChains, scale }: PackingRows,
  chainRow: number,
  { flow, nodes }: ChainPattern,
): ColumnSpec {
  const rows = nodes.map(([machineClass]) => machineClass);
  if (mostChains !== undefined) rows.push(chainRow);
  const entries = [rows, rows.map(() => 1)] as const;
  return { lower: 0, upper: Infinity, cost: flow * scale, integer: true, entries };
}

/** How many of this chain each class alone would allow. */
export function countSides({ nodes }: ChainPattern, mostOf: readonly number[]): readonly number[] {
  const usage = new Map<number, number>();
  for (const [t] of nodes) usage.set(t, (usage.get(t) ?? 0) + 1);
  return [...usage].map(([t, count]) => mostOf[t]! / count);
}
