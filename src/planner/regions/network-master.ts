import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../../math/lp/model-builder.js";
import type { BorderKind, Borders } from "./network-levels.js";
import { listCrossings, type NetworkModel } from "./network-model.js";
import type { LayerPattern, PatternPrices } from "./network-pricing.js";

/** The master LP of the region bound for one flow, and how coverings enter it. */
export interface MasterLp {
  readonly builder: ModelBuilder;
  toColumn(pattern: LayerPattern): ColumnSpec;
  /** Row duals → prices of a covering. */
  toPrices(duals: Float64Array): PatternPrices;
}

/** What an uncovered layer costs, in fleets: anything above 1 does. */
const UNCOVERED_COST = 10;
/** No fleet needs to be multiplied by more than this to be refuted. */
const MOST_FLEETS = 1000;
const OUTWARD = 1 + 1e-9;

/**
 * Minimise s such that s times the nodes carry the flow F (shares of F below), over
 *   w_p     layers covered by covering p (columns come by pricing),        Σ_p w_p = L
 *   φ_V     share of the tokens whose way visits exactly the regions V,    Σ_V φ_V = 1
 *   h_Vr    layers that those tokens run in r:   Σ_r h_Vr = L·φ_V,  φ_V ≤ h_Vr ≤ min(L, memory_r)·φ_V
 *   x_rq    share that crosses from r to q,  β_rqab borders with (a, b) nodes,  x_rq ≤ Σ share_ab·β_rqab
 * with
 *   nodes       Σ_p w_p·Σ_(c,k) 1/k ≤ s·N_c                              per class c
 *   work        Σ_p w_p·min(rate_pr, F)/F ≥ Σ_V h_Vr                      per region r
 *   several     N_ra = layers with ≥ a nodes of r ≥ Σ_{a' ≥ a} β_rq a'b   per region pair, both sides
 *   senders     Σ a·β_rqab ≤ N_r, as a node ends at one layer only;  x_rq ≤ all links from r to q,
 *               x_rq + x_qr ≤ the better ways of all pairs, as only one of two ends comes first
 *   inside      Σ φ_V' with V' within V ≤ truncated bound of V alone / F  per set V
 *   cuts        Σ x over the border of U ≥ Σ φ_V with V on both sides     per set U; Σ x ≥ Σ (|V|−1) φ_V
 *   thin        borders of one sender and one receiver that pass less than F ≤ Σ w_p·c(nodes of p)
 *   lonely      layers with ≥ 2 nodes ≥ Σ_(single lonely nodes) w/k − 1
 * Every placement that carries F gives a solution with s ≤ 1, so a minimum above 1 refutes F.
 */
export function buildMaster(
  model: NetworkModel,
  borders: Borders,
  lonely: Uint8Array,
  flow: number,
  setBounds: Float64Array,
): MasterLp {
  const { layers, classes, regionCount } = model;
  const builder = createModelBuilder("minimize");
  const layerRow = builder.addRow({ lower: layers, upper: layers });
  const nodeRows = classes.map(() => builder.addRow({ lower: 0, upper: Infinity }));
  const workRows = model.nodeCounts.map(() => builder.addRow({ lower: 0, upper: Infinity }));
  const levelRows = borders.levels.map((levels) =>
    levels.map(() => builder.addRow({ lower: 0, upper: Infinity })),
  );
  const lonelyRow = builder.addRow({ lower: -1, upper: Infinity });
  const thinRow = builder.addRow({ lower: 0, upper: Infinity });
  const served = thinCrossingsServed(regionCount);

  builder.addColumn({
    lower: 0,
    upper: MOST_FLEETS,
    cost: 1,
    entries: [nodeRows, classes.map(({ nodes }) => nodes.length)],
  });
  // A layer covered by nobody, for as long as no covering is known.
  const openRows = [layerRow, ...workRows, ...levelRows.flat(), lonelyRow, thinRow];
  const open = { lower: 0, upper: layers, cost: UNCOVERED_COST };
  builder.addColumn({ ...open, entries: [openRows, openRows.map(() => 1)] });
  addVisits(builder, model, borders, { workRows, levelRows, thinRow, flow, setBounds });

  return {
    builder,
    toColumn: ({ items, rates, counts }) => {
      const rows: number[] = [layerRow];
      const values: number[] = [1];
      const add = (row: number, value: number): void => {
        rows.push(row);
        values.push(value);
      };
      for (const { machineClass, layers: held } of items) add(nodeRows[machineClass]!, -1 / held);
      for (let r = 0; r < regionCount; r++) {
        if (counts[r] === 0) continue;
        add(workRows[r]!, Math.min(1, rates[r]! / flow));
        levelRows[r]!.forEach((row, i) => {
          if (counts[r]! >= borders.levels[r]![i]!) add(row, 1);
        });
      }
      const only = items.length === 1 ? items[0]! : undefined;
      if (only === undefined) {
        add(lonelyRow, 1);
        add(thinRow, served[Math.min(items.length, served.length - 1)]!);
      }
      if (only !== undefined && lonely[only.machineClass] === 1) add(lonelyRow, -1 / only.layers);
      return { lower: 0, upper: layers, cost: 0, entries: [rows, values] };
    },
    toPrices: (duals) => {
      const positive = (row: number): number => Math.max(0, duals[row]!);
      return {
        layer: duals[layerRow]!,
        node: Float64Array.from(nodeRows, positive),
        share: Float64Array.from(workRows, positive),
        several: levelRows.map((rows, r) => {
          const top = borders.levels[r]!.at(-1) ?? 0;
          const earned = new Float64Array(top + 1);
          rows.forEach((row, i) => (earned[borders.levels[r]![i]!] = positive(row)));
          return earned;
        }),
        lonely: positive(lonelyRow),
        total: Float64Array.from(served, (amount, m) =>
          m < 2 ? 0 : positive(lonelyRow) + amount * positive(thinRow),
        ),
      };
    },
  };
}

interface SharedRows {
  readonly workRows: readonly number[];
  readonly levelRows: readonly (readonly number[])[];
  readonly thinRow: number;
  readonly flow: number;
  readonly setBounds: Float64Array;
}

/** φ, h, x and β with all rows among them. */
function addVisits(
  builder: ModelBuilder,
  model: NetworkModel,
  borders: Borders,
  shared: SharedRows,
): void {
  const { workRows, levelRows, thinRow, flow, setBounds } = shared;
  const { layers, memory, regionCount } = model;
  const all = 1 << regionCount;
  const shareRow = builder.addRow({ lower: 1, upper: 1 });
  const crossRow = builder.addRow({ lower: 0, upper: Infinity });
  const cutRows = new Map<number, number>();
  for (let set = 1; set < all / 2; set++)
    cutRows.set(set, builder.addRow({ lower: 0, upper: Infinity }));

  const insideRows = Array.from({ length: all }, (_, set) =>
    builder.addRow({ lower: -Infinity, upper: Math.min(1, setBounds[set]! / flow) * OUTWARD }),
  );

  for (let visited = 1; visited < all; visited++) {
    const regions = regionsOf(visited, regionCount);
    const held = regions.reduce((sum, r) => sum + memory[r]!, 0);
    if (held < layers || regions.some((r) => memory[r] === 0)) continue;
    const totalRow = builder.addRow({ lower: 0, upper: 0 });
    const mostRows = regions.map(() => builder.addRow({ lower: 0, upper: Infinity }));
    const leastRows = regions.map(() => builder.addRow({ lower: 0, upper: Infinity }));
    const split = [...cutRows].filter(([set]) => (visited & set) !== 0 && (visited & ~set) !== 0);
    const entries: [number, number][] = [
      [shareRow, 1],
      [crossRow, 1 - regions.length],
      [totalRow, -layers],
      ...insideRows.flatMap((row, set): [number, number][] =>
        (visited & ~set) === 0 ? [[row, 1]] : [],
      ),
      ...split.map(([, row]): [number, number] => [row, -1]),
      ...regions.map((r, i): [number, number] => [mostRows[i]!, Math.min(layers, memory[r]!)]),
      ...leastRows.map((row): [number, number] => [row, -1]),
    ];
    builder.addColumn({ lower: 0, upper: 1, cost: 0, entries: transpose(entries) });
    regions.forEach((r, i) => {
      const rows = [workRows[r]!, totalRow, mostRows[i]!, leastRows[i]!];
      builder.addColumn({ lower: 0, upper: layers, cost: 0, entries: [rows, [-1, 1, -1, 1]] });
    });
  }

  const levelColumns = levelRows.map((rows) =>
    rows.map((row) =>
      builder.addColumn({ lower: 0, upper: layers, cost: 0, entries: [[row], [-1]] }),
    ),
  );
  const bothWays = new Map<string, number>();
  for (const { from, to, capacity } of listCrossings(model)) {
    const pair = `${Math.min(from, to)} ${Math.max(from, to)}`;
    const together = (model.together[from]![to]! / flow) * OUTWARD;
    const pairRow = bothWays.get(pair) ?? builder.addRow({ lower: -Infinity, upper: together });
    bothWays.set(pair, pairRow);
    const capacityRow = builder.addRow({ lower: 0, upper: Infinity });
    const senders = model.nodeCounts[from]!;
    const senderRow = builder.addRow({ lower: -Infinity, upper: senders });
    const everyLink = (capacity(senders, model.nodeCounts[to]!) / flow) * OUTWARD;
    const cuts = [...cutRows].filter(([set]) => ((set >> from) & 1) !== ((set >> to) & 1));
    builder.addColumn({
      lower: 0,
      upper: Math.min(layers, everyLink),
      cost: 0,
      entries: transpose([
        [crossRow, 1],
        [pairRow, 1],
        [capacityRow, -1],
        ...cuts.map(([, row]): [number, number] => [row, 1]),
      ]),
    });
    const own = borders.kinds.filter((kind) => kind.from === from && kind.to === to);
    const sides = [levelColumns[from]!, levelColumns[to]!].map((columns) =>
      columns.map((column) =>
        builder.addRow({ lower: 0, upper: Infinity, entries: [[column], [1]] }),
      ),
    );
    for (const kind of own) {
      const count = borders.levels[from]![kind.sendLevel]!;
      addBorder(builder, kind, { capacityRow, thinRow, senderRow, count, sides }, layers);
    }
  }
}

function addBorder(
  builder: ModelBuilder,
  kind: BorderKind,
  row: {
    readonly capacityRow: number;
    readonly thinRow: number;
    readonly senderRow: number;
    /** Nodes that send, at least. */
    readonly count: number;
    readonly sides: readonly (readonly number[])[];
  },
  layers: number,
): void {
  const { capacityRow, thinRow, senderRow, count, sides } = row;
  const rows = [
    ...sides[0]!.slice(0, kind.sendLevel + 1),
    ...sides[1]!.slice(0, kind.receiveLevel + 1),
  ];
  const values = [kind.share, ...rows.map(() => -1)];
  const thin = kind.sendLevel === 0 && kind.receiveLevel === 0 && kind.share < 1;
  builder.addColumn({
    lower: 0,
    upper: layers,
    cost: 0,
    entries: [
      [capacityRow, ...rows, senderRow, ...(thin ? [thinRow] : [])],
      [...values, count, ...(thin ? [-1] : [])],
    ],
  });
}

/**
 * Borders of one sender and one receiver that cannot pass all of F, by the number m of nodes over a
 * layer next to them: what such a border leaves over needs a second node before or behind it. A
 * border between a and b nodes counts at most P ordered pairs of different regions, P = 0 for
 * a = b = 1; half of them, c(a) + c(b) ≥ P, go to each side, and a layer has two sides.
 */
function thinCrossingsServed(regionCount: number): readonly number[] {
  if (regionCount <= 2) return [0, 0, 2];
  const pairs = (regionCount * (regionCount - 1)) / 2;
  return Array.from({ length: regionCount + 1 }, (_, m) =>
    m < 2 ? 0 : 2 * Math.min((m * m) / 2, pairs),
  );
}

function regionsOf(set: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, r) => r).filter((r) => ((set >> r) & 1) === 1);
}

function transpose(entries: readonly (readonly [number, number])[]): [number[], number[]] {
  return [entries.map(([row]) => row), entries.map(([, value]) => value)];
}
