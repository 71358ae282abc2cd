import type { Cluster, Host, Machine } from "../core/cluster.js";
import { partCluster, uniformPartition, listDegrees, type Box } from "../core/parting.js";
import type { MachineSpec } from "../hardware/machine-spec.js";
import { findGpu } from "../hardware/find-gpu.js";
import { pairBytesPerSecond } from "../hardware/all-reduce.js";
import type { Gpu } from "../hardware/gpu.js";
import type { RowSpec } from "./resolve-cards.js";

/** By machine type: its rows of cards, or nothing where it is one node. */
type Rows = readonly (readonly RowSpec[] | undefined)[];

/** Between cards over PCIe and the host, or over direct links. */
const INTERCONNECT_LATENCY_SECONDS = 1e-5;

/**
 * Capacities of machine types and of all that their cards can be: first the types, then by type, row and
 * degree. Rates that depend on the whole mix are those of the cluster with every machine parted alike.
 */
export function attachParts(
  specs: readonly MachineSpec[],
  rows: Rows,
  counts: readonly number[],
  attach: (
    specs: readonly MachineSpec[],
    counts: readonly number[],
    paths: readonly string[],
  ) => readonly Machine[],
): readonly Machine[] {
  const parts = listParts(rows);
  const degrees = [...new Set(parts.map(({ degree }) => degree))].sort((a, b) => a - b);
  const all = [...specs, ...parts.map(({ spec }) => spec)];
  const paths = [
    ...specs.map(({ name }) => `machines.${name}`),
    ...parts.map(({ row }) => row.path),
  ];
  const byDegree = new Map(
    degrees.map((degree) => {
      const used = (row: RowSpec): number =>
        [...row.degrees.keys()].filter((each) => each <= degree).at(-1) ??
        [...row.degrees.keys()][0]!;
      const mix = [
        ...counts.map((count, type) => (rows[type] === undefined ? count : 0)),
        ...parts.map((part) =>
          used(part.row) === part.degree
            ? counts[part.type]! * Math.floor(part.row.count / part.degree)
            : 0,
        ),
      ];
      return [degree, attach(all, mix, paths)] as const;
    }),
  );
  const machines = byDegree.get(degrees[0]!)!;
  return [
    ...machines.slice(0, specs.length),
    ...parts.map(({ degree }, index) => byDegree.get(degree)![specs.length + index]!),
  ];
}

/** The cluster with the cards of its machines shared out: as large parts as are allowed, at first. */
export function shareOut(
  cluster: Cluster,
  specs: readonly MachineSpec[],
  rows: Rows,
  custom: readonly Gpu[] = [],
): Cluster {
  const parts = listParts(rows);
  const boxes = cluster.nodes.map((node): Box => {
    const own = rows[node.machine];
    if (own === undefined) return { kind: "node", node };
    const host: Host = {
      id: node.id,
      region: node.region,
      cards: own.reduce((sum, { count }) => sum + count, 0),
      nicBytesPerSecond: specs[node.machine]!.nicBytesPerSecond,
      interconnect: interconnectOf(own, custom),
    };
    const cardRows = own.map((row) => ({
      first: row.first,
      count: row.count,
      degrees: new Map(
        parts.flatMap((part, index) =>
          part.row === row && isUseful(cluster.machines[specs.length + index]!, row)
            ? [[part.degree, specs.length + index] as const]
            : [],
        ),
      ),
    }));
    return { kind: "host", host, rows: cardRows };
  });
  const parting = { boxes, exceptions: cluster.network.exceptions };
  const whole = listDegrees(parting).at(-1) ?? 1;
  return partCluster({ ...cluster, parting }, uniformPartition(parting, whole));

  /** Parts too small for a single layer are no choice, unless all are. */
  function isUseful({ capacity }: Machine, row: RowSpec): boolean {
    const holding = parts.some(
      (part, index) =>
        part.row === row && cluster.machines[specs.length + index]!.capacity.maxLayers > 0,
    );
    return capacity.maxLayers > 0 || !holding;
  }
}

function listParts(rows: Rows): readonly {
  readonly type: number;
  readonly row: RowSpec;
  readonly degree: number;
  readonly spec: MachineSpec;
}[] {
  return rows.flatMap((own, type) =>
    (own ?? []).flatMap((row) =>
      [...row.degrees].map(([degree, spec]) => ({ type, row, degree, spec })),
    ),
  );
}

/** Between two parts of a machine: as between the cards of its slowest kind. */
function interconnectOf(rows: readonly RowSpec[], custom: readonly Gpu[]): Host["interconnect"] {
  const rates = rows.map((row) => {
    const { gpu: name = "", interconnect } = row.degrees.values().next().value!;
    const gpu = findGpu(name, custom);
    if (gpu === undefined) return Infinity;
    const direct = rows.length === 1 && gpu.directBytesPerSecond !== undefined;
    return pairBytesPerSecond({ gpu, interconnect: interconnect ?? (direct ? "nvlink" : "pcie") });
  });
  return {
    bandwidthBytesPerSecond: Math.min(...rates),
    latencySeconds: INTERCONNECT_LATENCY_SECONDS,
  };
}
