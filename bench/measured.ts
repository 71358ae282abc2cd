/**
 * The estimate against measurements that nobody here made: `node build/bench/measured.js FOLDER
 * [MODELS]`. FOLDER holds layer-gemm.csv, layer-seconds.csv, all-reduce.csv and serving.csv (any of
 * them); MODELS folders owner--name with config.json for models that are not known by name. Printed is
 * the half of the rows that nothing was fitted on.
 */
import { compareAllReduce, compareLayers, compareRuns } from "./measured-kinds.js";
import type { Comparison } from "./measured-kinds.js";
import { median } from "./median.js";

const [folder, modelsFolder] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder with the measurements");
const all = [
  ...compareLayers(folder, modelsFolder),
  ...compareAllReduce(folder),
  ...compareRuns(folder, modelsFolder),
];
const shown = all.filter(({ fitted }) => !fitted);

const HEAD = "n | before: median | abs | p90 | after: median | abs | p90";
const percent = (value: number): string => (100 * value).toFixed(1);

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

function figures(errors: readonly number[]): readonly string[] {
  if (errors.length === 0) return ["–", "–", "–"];
  const absolute = errors.map(Math.abs);
  return [median(errors), median(absolute), quantile(absolute, 0.9)].map(percent);
}

function printTable(title: string, keyOf: (row: Comparison) => string | undefined): void {
  console.log(`\n${title}\n\n| what | ${HEAD} |\n|---|---|---|---|---|---|---|---|`);
  const groups = new Map<string, Comparison[]>();
  for (const row of shown) {
    const key = keyOf(row);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  for (const [key, rows] of [...groups].toSorted(([a], [b]) => a.localeCompare(b))) {
    const before = rows.flatMap((row) =>
      row.before === undefined ? [] : [row.before / row.measured - 1],
    );
    const after = rows.map((row) => row.after / row.measured - 1);
    console.log(`| ${[key, rows.length, ...figures(before), ...figures(after)].join(" | ")} |`);
  }
}

const isRun = (row: Comparison): boolean => row.kind.startsWith("time");
const phase = (row: Comparison): string => row.kind.split(", ")[1] ?? "";

printTable("Layer compute by card", (row) =>
  isRun(row) || row.kind.startsWith("all") ? undefined : `${row.card}, ${phase(row)}`,
);
printTable("Layer compute by card and table", (row) =>
  isRun(row) || row.kind.startsWith("all") ? undefined : `${row.card}, ${row.kind}, ${row.model}`,
);
printTable("All-reduce by card and count", (row) =>
  row.kind.startsWith("all") ? `${row.card}, ${phase(row)}` : undefined,
);
printTable("All-reduce by backend", (row) =>
  row.kind.startsWith("all") ? `${row.card}, ${phase(row)}, ${row.engine}` : undefined,
);
printTable("Whole runs", (row) => (isRun(row) ? row.kind : undefined));
printTable("Whole runs by card", (row) => (isRun(row) ? `${row.kind}, ${row.card}` : undefined));
printTable("Whole runs by engine", (row) =>
  isRun(row) ? `${row.kind}, ${row.engine}` : undefined,
);
printTable("Whole runs by engine, model and card", (row) =>
  isRun(row) ? `${row.kind}, ${row.engine}, ${row.model}, ${row.card}` : undefined,
);
printOrder();

/** Pairs of cards under the same load that differ by more than a tenth: are they ordered as measured? */
function printOrder(): void {
  const LEAST = 1.1;
  for (const [title, wanted] of [
    ["products and layers", (row: Comparison) => !isRun(row) && !row.kind.startsWith("all")],
    ["time per token", (row: Comparison) => row.kind === "time per token"],
  ] as const) {
    const groups = new Map<string, Comparison[]>();
    for (const row of shown.filter(wanted)) {
      const key = `${row.kind} ${row.engine} ${row.model} ${row.load}`;
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    let pairs = 0;
    let right = 0;
    for (const rows of groups.values()) {
      rows.forEach((a, index) => {
        for (const b of rows.slice(index + 1)) {
          if (a.card === b.card) continue;
          const ratio = a.measured / b.measured;
          if (Math.max(ratio, 1 / ratio) < LEAST) continue;
          pairs++;
          if (a.measured < b.measured === a.after < b.after) right++;
        }
      });
    }
    const share = pairs === 0 ? "–" : percent(right / pairs);
    console.log(`\norder of cards, ${title}: ${right} of ${pairs} pairs right (${share} %)`);
  }
}
