import { InputError, type Problem } from "../../core/errors.js";
import type { Arrival } from "./traffic.js";

export interface Trace {
  /** Ascending; the first at 0 s. */
  readonly arrivals: readonly Arrival[];
  /** Rows that stood before an earlier one in the file; they have been sorted in. */
  readonly unsorted: number;
}

/** Titles of the columns by what they hold, as public traces name them, in lower case. */
const TITLES = {
  time: ["timestamp", "time", "arrival", "arrived_at"],
  prompt: ["contexttokens", "request tokens", "input_length", "num_prefill_tokens"],
  output: ["generatedtokens", "response tokens", "output_length", "num_decode_tokens"],
} as const;
type Field = keyof typeof TITLES;
const FIELDS: readonly Field[] = ["time", "prompt", "output"];
const NAMES: Readonly<Record<Field, string>> = {
  time: "TIMESTAMP",
  prompt: "ContextTokens",
  output: "GeneratedTokens",
};
const REMEDY =
  "Give a trace of Azure (TIMESTAMP, ContextTokens, GeneratedTokens), BurstGPT (Timestamp, Request tokens, Response tokens) or Mooncake (JSON lines with timestamp, input_length, output_length).";
const MOST_PROBLEMS = 20;
const MILLI = 1e-3;

/** One request as it stands in the file. */
interface Row {
  readonly path: string;
  readonly time: string;
  readonly prompt: string;
  readonly output: string;
}

/**
 * Reads a public trace: Azure's and BurstGPT's CSV (columns in any order, others are ignored; times
 * are seconds or `YYYY-MM-DD hh:mm:ss.fffffff`), or Mooncake's JSON lines (times in ms). Only
 * differences of times count, so negative seconds are fine. Linear in the text, but for sorting.
 *
 * @throws InputError naming the lines that cannot be read, or that there are none.
 */
export function readTrace(source: string, text: string): Trace {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const json = lines[0]!.trimStart().startsWith("{");
  const scale = json ? MILLI : 1;
  const problems: Problem[] = [];
  const rows: Arrival[] = [];
  for (const row of json ? jsonRows(lines, problems) : csvRows(source, lines)) {
    const atSeconds = readTime(row.time);
    const promptTokens = readCount(row.prompt, 1);
    const outputTokens = readCount(row.output, 0);
    if (atSeconds === undefined) {
      problems.push(problem(row.path, row.time, "a time: seconds or YYYY-MM-DD hh:mm:ss"));
    } else if (promptTokens === undefined) {
      problems.push(problem(row.path, row.prompt, `${NAMES.prompt}: a whole number of at least 1`));
    } else if (outputTokens === undefined) {
      problems.push(problem(row.path, row.output, `${NAMES.output}: a whole number of at least 0`));
    } else {
      rows.push({ atSeconds: atSeconds * scale, promptTokens, outputTokens });
    }
  }
  if (problems.length > 0) throw new InputError(source, problems.slice(0, MOST_PROBLEMS));
  if (rows.length === 0) {
    throw new InputError(source, [
      {
        path: "",
        found: "no requests",
        expected: "at least one line below the header",
        remedy: "Give a trace with requests, or leave --trace out to use a built-in workload.",
      },
    ]);
  }
  let unsorted = 0;
  let latest = -Infinity;
  for (const row of rows) {
    if (row.atSeconds < latest) unsorted += 1;
    latest = Math.max(latest, row.atSeconds);
  }
  const sorted = rows.toSorted((a, b) => a.atSeconds - b.atSeconds);
  const first = sorted[0]!.atSeconds;
  return {
    arrivals: sorted.map((row) => ({ ...row, atSeconds: row.atSeconds - first })),
    unsorted,
  };
}

function csvRows(source: string, lines: readonly string[]): readonly Row[] {
  const header = lines[0]!.split(",").map((name) => name.trim().toLowerCase());
  const columns = FIELDS.map((field) =>
    header.findIndex((title) => (TITLES[field] as readonly string[]).includes(title)),
  );
  const missing = FIELDS.filter((_, at) => columns[at] === -1);
  if (missing.length > 0) {
    throw new InputError(source, [
      {
        path: "line 1",
        found: lines[0] === "" ? "an empty line" : JSON.stringify(lines[0]!.slice(0, 80)),
        expected: `a header with the columns ${FIELDS.map((field) => NAMES[field]).join(", ")}`,
        remedy: `Missing: ${missing.map((field) => NAMES[field]).join(", ")}. ${REMEDY}`,
      },
    ]);
  }
  return lines.slice(1).flatMap((line, index) => {
    if (line.trim() === "") return [];
    const cells = line.split(",");
    const [time, prompt, output] = columns.map((column) => (cells[column] ?? "").trim());
    return [{ path: `line ${index + 2}`, time: time!, prompt: prompt!, output: output! }];
  });
}

function jsonRows(lines: readonly string[], problems: Problem[]): readonly Row[] {
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const path = `line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      problems.push(problem(path, line.slice(0, 80), "a JSON object"));
      return [];
    }
    const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
    const field = (name: Field): string => {
      const entry = entries.find(([key]) =>
        (TITLES[name] as readonly string[]).includes(key.toLowerCase()),
      );
      return typeof entry?.[1] === "number" ? String(entry[1]) : "";
    };
    return [{ path, time: field("time"), prompt: field("prompt"), output: field("output") }];
  });
}

function problem(path: string, found: string, expected: string): Problem {
  return {
    path,
    found: found === "" ? "nothing" : JSON.stringify(found),
    expected,
    remedy: "Correct the line.",
  };
}

function readCount(text: string, least: number): number | undefined {
  const count = Number(text);
  return text !== "" && Number.isSafeInteger(count) && count >= least && count < 2 ** 31
    ? count
    : undefined;
}

const STAMP = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:Z|\+00:00)?$/;
const SECONDS_PER_DAY = 86_400;

function readTime(text: string): number | undefined {
  const stamp = STAMP.exec(text);
  if (stamp === null) {
    const seconds = Number(text);
    return text !== "" && Number.isFinite(seconds) ? seconds : undefined;
  }
  const [year, month, day, hour, minute, second] = stamp.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second >= 61) {
    return undefined;
  }
  return daysSinceEpoch(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
}

/** Days from 1970-01-01 in the Gregorian calendar; years start in March, so leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const fromMarch = (month + 9) % 12;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return 365 * shifted + leapDays + Math.floor((153 * fromMarch + 2) / 5) + day - 719_469;
}
