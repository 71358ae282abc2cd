import { parseCsv } from "../../formats/parse-csv.js";
import type { Cell } from "../../formats/parse-csv.js";
import { hostsOfGpus } from "./gpu-rows.js";
import type { GpuRow } from "./gpu-rows.js";
import { createTextProblems, settleHosts } from "./import-outcome.js";
import type { ImportedHosts, Parsed, TextProblems } from "./import-outcome.js";
import { readNvidiaList } from "./nvidia-smi-list.js";
import { readNvidiaXml } from "./nvidia-smi-xml.js";
import { looksLikeRocm, readRocmSmi } from "./rocm-smi.js";

const HOST_COLUMNS = ["host", "hostname", "node"];
const REMEDY = "Run nvidia-smi --query-gpu=name,memory.total,memory.free --format=csv on the host.";
/** What drivers print where a system does not say a figure. */
const NOT_SAID = /^\[?(?:N\/A|Not Supported|Unknown Error|Insufficient Permissions)\]?$/i;

interface Columns {
  readonly name: number;
  readonly memory: number | undefined;
  readonly free: number | undefined;
  readonly mig: number | undefined;
  readonly host: number | undefined;
}

/**
 * What nvidia-smi or rocm-smi print of one host → its cards: `--query-gpu=name,memory.total
 * --format=csv` (further columns do no harm; so do `noheader` and `nounits`), `-L`, `-q -x`, or
 * `rocm-smi --showproductname --showmeminfo vram` as CSV or JSON.
 * @param host name of the host, unless the table has a column for it.
 * @param usualGpu the card, where the tool does not name it.
 */
export function readNvidiaSmi(
  text: string,
  host: string,
  usualGpu?: string,
): Parsed<ImportedHosts> {
  const problems = createTextProblems();
  const assumptions: string[] = [];
  const found = readRows({ text, host, usualGpu }, problems, assumptions);
  return found === undefined
    ? settleHosts(problems, [], assumptions)
    : hostsOfGpus(found, problems, assumptions);
}

interface Output {
  readonly text: string;
  readonly host: string;
  readonly usualGpu: string | undefined;
}

function readRows(
  { text, host, usualGpu }: Output,
  problems: TextProblems,
  assumptions: string[],
): readonly GpuRow[] | undefined {
  const start = text.replace(/^\uFEFF/, "").trimStart();
  if (start.startsWith("<?xml") || start.startsWith("<nvidia_smi_log")) {
    return readNvidiaXml(text, host, problems);
  }
  if (/^GPU \d+: /m.test(text)) return readNvidiaList(text, host);
  if (/^\+-{10,}/m.test(text)) {
    const place = { line: 1, column: 1 };
    problems.add(place, "the table for people", "the list for programs", REMEDY);
    return undefined;
  }
  if (looksLikeRocm(start)) return readRocmSmi({ text, host, usualGpu }, problems, assumptions);
  const rows = parseCsv(text);
  if (rows.length === 0) {
    problems.add({ line: 1, column: 1 }, "an empty input", "a row for each GPU", REMEDY);
  }
  const columns = findColumns(rows[0]);
  return (columns.headed ? rows.slice(1) : rows).flatMap((row) =>
    readRow(row, columns, host, problems),
  );
}

function findColumns(first: readonly Cell[] | undefined): Columns & { readonly headed: boolean } {
  const titles = (first ?? []).map(({ text }) => text.toLowerCase());
  const find = (matches: (title: string) => boolean): number | undefined => {
    const at = titles.findIndex(matches);
    return at < 0 ? undefined : at;
  };
  const name = find((title) => title === "name" || title === "gpu_name");
  const host = find((title) => HOST_COLUMNS.includes(title));
  if (name === undefined) {
    // Without a head: the first cell that is no number is the name, the memory comes after it.
    const at = Math.max(0, find((title) => !/^[\d.]*( mib)?$/.test(title)) ?? 0);
    return { headed: false, name: at, memory: at + 1, free: undefined, mig: undefined, host };
  }
  return {
    headed: true,
    name,
    memory: find((title) => title.startsWith("memory.total")),
    free: find((title) => title.startsWith("memory.free")),
    mig: find((title) => title.startsWith("mig.mode.current")),
    host,
  };
}

function readRow(
  row: readonly Cell[],
  columns: Columns,
  host: string,
  problems: TextProblems,
): readonly GpuRow[] {
  const name = row[columns.name];
  if (name === undefined || name.text === "") {
    problems.add(name ?? row[0]!, "no GPU name", "the column name", REMEDY);
    return [];
  }
  const total = readMebibytes(row, columns.memory, problems);
  const free = readMebibytes(row, columns.free, problems);
  if (total === "wrong" || free === "wrong") return [];
  const mig = columns.mig === undefined ? undefined : row[columns.mig]?.text;
  return [
    {
      host: (columns.host === undefined ? undefined : row[columns.host]?.text) ?? host,
      place: name,
      product: name.text,
      ...(total === undefined ? {} : { totalMebibytes: total }),
      ...(free === undefined ? {} : { freeMebibytes: free }),
      ...(mig !== undefined && /^enabled$/i.test(mig) ? { mig: true } : {}),
    },
  ];
}

function readMebibytes(
  row: readonly Cell[],
  column: number | undefined,
  problems: TextProblems,
): number | "wrong" | undefined {
  const cell = column === undefined ? undefined : row[column];
  if (cell === undefined || NOT_SAID.test(cell.text)) return undefined;
  const match = /^(\d{1,9}(?:\.\d+)?)\s*(MiB)?$/.exec(cell.text);
  if (match !== null) return Number(match[1]);
  problems.add(cell, JSON.stringify(cell.text), "memory such as 40960 MiB", REMEDY);
  return "wrong";
}
