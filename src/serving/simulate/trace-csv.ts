import { InputError, type Problem } from "../../core/errors.js";
import type { Arrival } from "./traffic.js";

export interface Trace {
  /** Ascending; the first at 0 s. */
  readonly arrivals: readonly Arrival[];
  /** Rows that stood before an earlier one in the file; they have been sorted in. */
  readonly unsorted: number;
}

const COLUMNS = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"] as const;
const MOST_PROBLEMS = 20;

/**
 * Reads a trace in the format of the public Azure traces: a header with TIMESTAMP, ContextTokens and
 * GeneratedTokens (in any order, others are ignored), then one request per line. Times are seconds
 * or `YYYY-MM-DD hh:mm:ss.fffffff`; only differences count, so negative seconds are fine.
 *
 * @throws InputError naming the lines that cannot be read, or that there are none.
 */
export function readTrace(source: string, text: string): Trace {
  const lines = text.split(/\r?\n/);
  const header = (lines[0] ?? "").split(",").map((name) => name.trim().toLowerCase());
  const columns = COLUMNS.map((name) => header.indexOf(name.toLowerCase()));
  const missing = COLUMNS.filter((_, at) => columns[at] === -1);
  if (missing.length > 0) {
    throw new InputError(source, [
      {
        path: "line 1",
        found: lines[0] === "" ? "an empty line" : JSON.stringify(lines[0]!.slice(0, 80)),
        expected: `a header with the columns ${COLUMNS.join(", ")}`,
        remedy: `Missing: ${missing.join(", ")}.`,
      },
    ]);
  }
  const problems: Problem[] = [];
  const rows: Arrival[] = [];
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at]!;
    if (line.trim() === "") continue;
    const cells = line.split(",");
    const [time, context, generated] = columns.map((column) => (cells[column] ?? "").trim());
    const atSeconds = readTime(time!);
    const promptTokens = readCount(context!, 1);
    const outputTokens = readCount(generated!, 0);
    const path = `line ${at + 1}`;
    if (atSeconds === undefined) {
      problems.push(problem(path, time!, "a time: seconds or YYYY-MM-DD hh:mm:ss"));
    } else if (promptTokens === undefined) {
      problems.push(problem(path, context!, "ContextTokens: a whole number of at least 1"));
    } else if (outputTokens === undefined) {
      problems.push(problem(path, generated!, "GeneratedTokens: a whole number of at least 0"));
    } else {
      rows.push({ atSeconds, promptTokens, outputTokens });
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
