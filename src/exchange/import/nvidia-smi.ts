import { parseCsv } from "../../formats/parse-csv.js";
import type { Cell } from "../../formats/parse-csv.js";
import { identifyGpu } from "./identify-gpu.js";
import { createTextProblems, settle } from "./import-outcome.js";
import type { ImportedHost, ImportedHosts, Parsed } from "./import-outcome.js";

const HOST_COLUMNS = ["host", "hostname", "node"];

interface Columns {
  readonly name: number;
  readonly memory: number | undefined;
  readonly host: number | undefined;
}

/**
 * `nvidia-smi --query-gpu=name,memory.total --format=csv` (further columns do no harm; so do
 * `noheader` and `nounits`), one row per card. Cards of one host work as one node; different cards
 * on one host become nodes of their own.
 * @param host name of the host, unless the table has a column for it.
 */
export function readNvidiaSmi(text: string, host: string): Parsed<ImportedHosts> {
  const problems = createTextProblems();
  const rows = parseCsv(text);
  const columns = findColumns(rows[0]);
  const cards = new Map<string, Map<string, number>>();
  const assumptions: string[] = [];
  if (rows.length === 0) {
    problems.add({ line: 1, column: 1 }, "an empty input", "a row for each GPU", REMEDY);
  }
  for (const row of columns.headed ? rows.slice(1) : rows) {
    const card = readRow(row, columns, problems, assumptions);
    if (card === undefined) continue;
    const id = columns.host === undefined ? host : (row[columns.host]?.text ?? host);
    const onHost = cards.get(id) ?? new Map<string, number>();
    cards.set(id, onHost.set(card, (onHost.get(card) ?? 0) + 1));
  }
  const hosts = [...cards].flatMap(([id, kinds]) => hostNodes(id, kinds, assumptions));
  return settle(problems, { hosts, assumptions: [...new Set(assumptions)] });
}

const REMEDY = "Run nvidia-smi --query-gpu=name,memory.total --format=csv on the host.";

function findColumns(first: readonly Cell[] | undefined): Columns & { readonly headed: boolean } {
  const titles = (first ?? []).map(({ text }) => text.toLowerCase());
  const name = titles.findIndex((title) => title === "name" || title === "gpu_name");
  const memory = titles.findIndex((title) => title.startsWith("memory.total"));
  const host = titles.findIndex((title) => HOST_COLUMNS.includes(title));
  const headed = name >= 0;
  return {
    headed,
    name: headed ? name : 0,
    memory: headed ? (memory < 0 ? undefined : memory) : 1,
    host: host < 0 ? undefined : host,
  };
}

function readRow(
  row: readonly Cell[],
  columns: Columns,
  problems: ReturnType<typeof createTextProblems>,
  assumptions: string[],
): string | undefined {
  const name = row[columns.name];
  if (name === undefined || name.text === "") {
    problems.add(name ?? row[0]!, "no GPU name", "the column name", REMEDY);
    return undefined;
  }
  const memoryCell = columns.memory === undefined ? undefined : row[columns.memory];
  const memory =
    memoryCell === undefined ? undefined : /^(\d+(?:\.\d+)?)\s*(MiB)?$/.exec(memoryCell.text);
  if (memory === null) {
    const found = JSON.stringify(memoryCell!.text);
    problems.add(memoryCell!, found, "memory such as 40960 MiB", REMEDY);
    return undefined;
  }
  const gpu = identifyGpu(name.text, memory === undefined ? undefined : Number(memory[1]));
  if (gpu.kind === "unknown") {
    problems.add(name, JSON.stringify(name.text), "a GPU of the catalogue", gpu.remedy);
    return undefined;
  }
  if (gpu.assumption !== undefined) assumptions.push(gpu.assumption);
  return gpu.name;
}

function hostNodes(
  id: string,
  kinds: ReadonlyMap<string, number>,
  assumptions: string[],
): readonly ImportedHost[] {
  if (kinds.size === 1) return [...kinds].map(([gpu, gpus]) => ({ id, gpu, gpus }));
  assumptions.push(`${id} has cards of ${kinds.size} kinds: each kind is a node of its own`);
  return [...kinds].map(([gpu, gpus]) => ({ id: `${id}-${gpu.toLowerCase()}`, gpu, gpus }));
}
