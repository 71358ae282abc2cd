import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import type { NetworkModel } from "./network-model.js";
import { listStagePatterns, type RegionStage } from "./region-patterns.js";

/** A stage of a chain, with the region it lies in and its place there. */
export interface ChainStage {
  readonly region: number;
  readonly pattern: RegionStage;
}

export interface ChainTask {
  readonly model: NetworkModel;
  /** Regions in the order in which tokens visit them. */
  readonly order: readonly number[];
  /** Tokens/s. */
  readonly flow: number;
  readonly maxDepth: number;
  readonly maxNodesPerStage: number;
  /** Which share of the best conceivable links a border may count on. */
  readonly linkShare: number;
  /** Most stage patterns per region. */
  readonly maxPatterns: number;
}

export interface ChainLimits {
  readonly nodeLimit: number;
  readonly timeLimitSeconds?: number;
  readonly shouldStop: () => boolean;
}

interface StageColumn {
  readonly position: number;
  readonly pattern: RegionStage;
  readonly entry: boolean;
  readonly exit: boolean;
}

const MOST_STAGE_NODES = 12;
const PATTERNS_PER_LAYER_COUNT = 40;
/** Patterns of one node count that may stand at a border. */
const BORDER_PATTERNS = 14;
const BORDER_PATTERNS_PER_LAYER_COUNT = 15;

/**
 * Stages in the given order of regions that carry the flow, as a small integer program: counts of
 * stage patterns per region, and for every border one last and one first stage whose nodes' links
 * are wide enough: a nodes before and b behind it with Σ_i min(T_i, b·c) ≥ F and Σ_j min(T_j, a·c) ≥ F.
 * @returns the stages in order, their layers adding up to L or more; undefined when none was found.
 */
export function planChain(
  task: ChainTask,
  solver: Solver,
  limits: ChainLimits,
): readonly ChainStage[] | undefined {
  const { model, order } = task;
  const builder = createModelBuilder("minimize");
  const columns: StageColumn[] = [];
  const supplyRows = model.classes.map(({ nodes }) =>
    builder.addRow({ lower: 0, upper: nodes.length }),
  );
  const layerRow = builder.addRow({ lower: model.layers, upper: Infinity });
  const depthRow = builder.addRow({ lower: 0, upper: task.maxDepth });
  const borderRows = createBorderRows();

  const add = (column: StageColumn, rows: readonly (readonly [number, number])[]): void => {
    const { pattern, entry, exit } = column;
    const entries: (readonly [number, number])[] = [
      [layerRow, pattern.layers],
      [depthRow, 1],
      ...pattern.counts.map(([index, count]) => [supplyRows[index]!, count] as const),
      ...rows,
    ];
    columns.push(column);
    builder.addColumn({
      lower: 0,
      upper: entry || exit ? 1 : Math.ceil(model.layers / pattern.layers),
      cost: 0,
      integer: true,
      entries: [entries.map(([row]) => row), entries.map(([, value]) => value)],
    });
  };

  for (let position = 0; position < order.length; position++) {
    const patterns = listStagePatterns(model.classes, order[position]!, task.flow, {
      maxNodes: Math.min(MOST_STAGE_NODES, task.maxNodesPerStage),
      perLayerCount: PATTERNS_PER_LAYER_COUNT,
      total: task.maxPatterns,
    });
    if (patterns.length === 0) return undefined;
    for (const pattern of patterns) add({ position, pattern, entry: false, exit: false }, []);
    const first = position === 0;
    const last = position === order.length - 1;
    const atBorder = listBorderPatterns(task, position);
    const ways = atBorder.map((pattern) => ({
      pattern,
      entries: first ? [] : borderRows.facing(task, position - 1, pattern, "entry", builder),
      exits: last ? [] : borderRows.facing(task, position, pattern, "exit", builder),
    }));
    for (const { pattern, entries, exits } of ways) {
      for (const rows of entries) add({ position, pattern, entry: true, exit: false }, rows);
      for (const rows of exits) add({ position, pattern, entry: false, exit: true }, rows);
      if (first || last || model.nodeCounts[order[position]!]! > 4) continue;
      for (const before of entries) {
        for (const behind of exits)
          add({ position, pattern, entry: true, exit: true }, [...before, ...behind]);
      }
    }
  }
  const result = solver.solve(builder.build(), {
    relativeGap: 1,
    nodeLimit: limits.nodeLimit,
    shouldStop: limits.shouldStop,
    ...(limits.timeLimitSeconds === undefined ? {} : { timeLimitSeconds: limits.timeLimitSeconds }),
  });
  if (result.columns === undefined) return undefined;
  return readStages(columns, result.columns, order);
}

interface BorderRows {
  /** One list of row entries for every number of nodes on the other side that will do. */
  facing(
    task: ChainTask,
    border: number,
    pattern: RegionStage,
    side: "entry" | "exit",
    builder: ReturnType<typeof createModelBuilder>,
  ): readonly (readonly (readonly [number, number])[])[];
}

/** Per border one row that says there is one stage on each side, and one per (a, b) that they match. */
function createBorderRows(): BorderRows {
  const onceRows = new Map<string, number>();
  const matchRows = new Map<string, number>();
  const rowOf = (
    rows: Map<string, number>,
    key: string,
    value: number,
    builder: ReturnType<typeof createModelBuilder>,
  ): number => {
    let row = rows.get(key);
    if (row === undefined) rows.set(key, (row = builder.addRow({ lower: value, upper: value })));
    return row;
  };
  return {
    facing({ model, order, flow, linkShare, maxNodesPerStage }, border, pattern, side, builder) {
      const [from, to] = [order[border]!, order[border + 1]!];
      const capacity = model.crossings[from]?.[to];
      const onceRow = rowOf(onceRows, `${border} ${side}`, 1, builder);
      if (capacity === undefined) return [];
      const others = Math.min(
        MOST_STAGE_NODES,
        maxNodesPerStage,
        model.nodeCounts[side === "entry" ? from : to]!,
      );
      const ways: (readonly [number, number])[][] = [];
      for (let other = 1; other <= others; other++) {
        const [a, b] = side === "exit" ? [pattern.nodes, other] : [other, pattern.nodes];
        const perLink = (capacity(a, b) / (a * b)) * linkShare;
        const carried = pattern.rates.reduce(
          (sum, rate) => sum + Math.min(rate, other * perLink),
          0,
        );
        if (carried < flow) continue;
        const sign = side === "exit" ? 1 : -1;
        const match = rowOf(matchRows, `${border} ${a} ${b}`, 0, builder);
        ways.push([
          [onceRow, 1],
          [match, sign],
        ]);
      }
      return ways;
    },
  };
}

/** Most node counts on the other side of a border that are looked at one by one. */
const MOST_FACING = 6;

/**
 * Stages that may stand at the region's borders: enough nodes even when each of them counts no more
 * than its links to b nodes on the other side carry. For each node count those with most layers.
 */
function listBorderPatterns(task: ChainTask, position: number): readonly RegionStage[] {
  const { model, order, flow } = task;
  const here = order[position]!;
  const [before, behind] = [order[position - 1], order[position + 1]];
  const links = [
    before === undefined ? undefined : model.crossings[before]?.[here]?.(1, 1),
    behind === undefined ? undefined : model.crossings[here]?.[behind]?.(1, 1),
  ].filter((link) => link !== undefined);
  const found = new Map<string, RegionStage>();
  for (const link of links) {
    const most = Math.min(MOST_FACING, Math.ceil(flow / link));
    for (let facing = 1; facing <= most; facing++) {
      const patterns = listStagePatterns(model.classes, here, flow, {
        maxNodes: Math.min(MOST_STAGE_NODES, task.maxNodesPerStage),
        perLayerCount: BORDER_PATTERNS_PER_LAYER_COUNT,
        total: task.maxPatterns,
        nodeCap: facing * link * task.linkShare * (1 - 1e-9),
      });
      for (const pattern of patterns) {
        const key = pattern.counts.map(([index, count]) => `${index}x${count}`).join(" ");
        const known = found.get(key);
        if (known === undefined || known.layers < pattern.layers) found.set(key, pattern);
      }
    }
  }
  const byNodes = new Map<number, RegionStage[]>();
  for (const pattern of found.values()) {
    const list = byNodes.get(pattern.nodes);
    if (list === undefined) byNodes.set(pattern.nodes, [pattern]);
    else list.push(pattern);
  }
  return [...byNodes.values()].flatMap((list) =>
    [...list].sort((x, y) => y.layers - x.layers).slice(0, BORDER_PATTERNS),
  );
}

function readStages(
  columns: readonly StageColumn[],
  values: Float64Array,
  order: readonly number[],
): readonly ChainStage[] {
  const rank = ({ entry, exit }: StageColumn): number => (entry ? 0 : exit ? 2 : 1);
  return columns
    .map((column, index) => ({ column, count: Math.round(values[index]!) }))
    .filter(({ count }) => count > 0)
    .sort((x, y) => x.column.position - y.column.position || rank(x.column) - rank(y.column))
    .flatMap(({ column: { position, pattern }, count }) =>
      Array.from({ length: count }, () => ({ region: order[position]!, pattern })),
    );
}
