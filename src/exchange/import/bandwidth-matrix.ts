import type { NetworkEntry } from "../../formats/cluster-schema.js";
import { MEGA, parseQuantity, BITS_PER_BYTE } from "../../core/units.js";
import { parseCsv } from "../../formats/parse-csv.js";
import type { Cell } from "../../formats/parse-csv.js";
import { createTextProblems, settle } from "./import-outcome.js";
import type { Parsed, TextProblems } from "./import-outcome.js";

/** Measured links between hosts. */
export interface BandwidthMatrix {
  readonly hosts: readonly string[];
  readonly network: NetworkEntry;
  readonly assumptions: readonly string[];
}

const COORDINATOR = "coordinator";
const NO_LINK: readonly string[] = ["-", "", "x", "n/a", "nan", "inf"];
const ASSUMED_LATENCY = "1 ms";
const REMEDY = "Write a number, with a unit such as Gb/s or MB/s if it is not Mb/s.";

/**
 * A table of hosts × hosts (rows send, columns receive) or a list with the columns from, to and
 * bandwidth. Plain numbers are Mb/s, as iperf prints them, unless the corner cell or the title names
 * a unit; empty cells and `-` mean no link. A row or column `coordinator` is the coordinator's.
 */
export function readBandwidthMatrix(text: string): Parsed<BandwidthMatrix> {
  const problems = createTextProblems();
  const rows = parseCsv(text);
  const [head] = rows;
  if (head === undefined || rows.length < 2) {
    problems.add({ line: 1, column: 1 }, "no table", "a head and a row for each host", REMEDY);
    return settle(problems, { hosts: [], network: {}, assumptions: [] });
  }
  const titles = head.map(({ text: title }) => title.toLowerCase());
  const from = titles.indexOf("from");
  const to = titles.indexOf("to");
  const rates =
    from >= 0 && to >= 0 ? readList(rows, from, to, problems) : readTable(rows, problems);
  const hosts = [...new Set([...rates].flatMap(([sender, row]) => [sender, ...row.keys()]))];
  if (problems.list.length === 0 && hosts.length < 2) {
    problems.add(head[0]!, "fewer than two hosts", "a matrix of several hosts", REMEDY);
  }
  return settle(problems, describeNetwork(hosts, rates));
}

/** Bytes per second by sender and receiver, with the latency where it was measured. */
export type Rates = Map<string, Map<string, MeasuredLink>>;

export interface MeasuredLink {
  /** Bytes per second; 0 for no link. */
  readonly rate: number;
  readonly latencySeconds?: number;
}

function readTable(rows: readonly (readonly Cell[])[], problems: TextProblems): Rates {
  const [head, ...body] = rows as [readonly Cell[], ...(readonly Cell[])[]];
  const scale = unitScale(head[0]!.text);
  const receivers = head.slice(1);
  const rates: Rates = new Map();
  const known = new Set(receivers.map(({ text }) => text));
  for (const row of body) {
    const sender = row[0]!;
    if (!known.has(sender.text)) {
      problems.add(
        sender,
        JSON.stringify(sender.text),
        `a host of the head row`,
        "Name rows and columns alike.",
      );
    }
    if (rates.has(sender.text)) {
      problems.add(
        sender,
        `the host ${sender.text} a second time`,
        "one row for each host",
        "Remove one.",
      );
    }
    if (row.length !== head.length) {
      const last = row[row.length - 1]!;
      problems.add(
        last,
        `${row.length} cells`,
        `${head.length}, as in the head row`,
        "Complete the row.",
      );
      continue;
    }
    const sent = new Map<string, MeasuredLink>();
    receivers.forEach((receiver, index) => {
      if (receiver.text === sender.text) return;
      sent.set(receiver.text, { rate: readRate(row[index + 1]!, scale, problems) });
    });
    rates.set(sender.text, sent);
  }
  return rates;
}

function readList(
  [head, ...body]: readonly (readonly Cell[])[],
  from: number,
  to: number,
  problems: TextProblems,
): Rates {
  const rates: Rates = new Map();
  const column = head!.findIndex(({ text }) => /^(bandwidth|bitrate|rate)/i.test(text));
  if (column < 0) {
    problems.add(head![0]!, "no column bandwidth", "from, to and bandwidth", REMEDY);
    return rates;
  }
  const scale = unitScale(head![column]!.text);
  const latencyColumn = findLatencyColumn(head!);
  for (const row of body) {
    const cell = row[column];
    const sender = row[from]?.text ?? "";
    const receiver = row[to]?.text ?? "";
    if (cell === undefined || sender === "" || receiver === "") {
      problems.add(
        row[row.length - 1]!,
        "an incomplete row",
        "from, to and bandwidth",
        "Complete the row.",
      );
      continue;
    }
    const latency = readLatency(latencyColumn, row, problems);
    const link = {
      rate: readRate(cell, scale, problems),
      ...(latency === undefined ? {} : { latencySeconds: latency }),
    };
    const sent = rates.get(sender) ?? new Map<string, MeasuredLink>();
    rates.set(sender, sent.set(receiver, link));
  }
  return rates;
}

interface LatencyColumn {
  readonly index: number;
  /** Seconds of a plain number. */
  readonly scale: number;
}

/** `latency`, `rtt (ms)`, `ping`: a round trip is twice the latency. */
function findLatencyColumn(head: readonly Cell[]): LatencyColumn | undefined {
  const index = head.findIndex(({ text }) => /^(?:latency|delay|rtt|ping|round)/i.test(text));
  if (index < 0) return undefined;
  const title = head[index]!.text;
  const unit = /\b(ns|us|µs|ms|s|sec)\)?\s*$/i.exec(title)?.[1]?.toLowerCase() ?? "ms";
  const seconds = parseQuantity("seconds", `1 ${unit === "sec" ? "s" : unit}`)!;
  return { index, scale: roundTrip(title) ? seconds / 2 : seconds };
}

function roundTrip(title: string): boolean {
  return /^(?:rtt|ping|round)/i.test(title);
}

function readLatency(
  column: LatencyColumn | undefined,
  row: readonly Cell[],
  problems: TextProblems,
): number | undefined {
  const cell = column === undefined ? undefined : row[column.index];
  if (column === undefined || cell === undefined || NO_LINK.includes(cell.text.toLowerCase())) {
    return undefined;
  }
  const plain = Number(cell.text);
  const seconds = Number.isNaN(plain) ? parseQuantity("seconds", cell.text) : plain * column.scale;
  if (seconds !== undefined && Number.isFinite(seconds) && seconds >= 0) return seconds;
  problems.add(cell, JSON.stringify(cell.text), "a latency such as 0.4 ms", REMEDY);
  return undefined;
}

/** Bytes per second of a plain number; a unit may stand in the title: `Mbits/sec`, `rate (Gb/s)`. */
function unitScale(title: string): number {
  const unit = /([kMGT]?i?(?:b|B|bit|bits|byte|bytes|Byte|Bytes)(?:\/s|ps|\/sec))\)?\s*$/.exec(
    title,
  )?.[1];
  const scale =
    unit === undefined ? undefined : parseQuantity("bytesPerSecond", `1 ${plainUnit(unit)}`);
  return scale ?? MEGA / BITS_PER_BYTE;
}

function readRate(cell: Cell, scale: number, problems: TextProblems): number {
  if (NO_LINK.includes(cell.text.toLowerCase())) return 0;
  const plain = Number(cell.text);
  const rate = Number.isNaN(plain)
    ? parseQuantity("bytesPerSecond", plainUnit(cell.text))
    : plain * scale;
  if (rate === undefined || !Number.isFinite(rate) || rate < 0) {
    problems.add(cell, JSON.stringify(cell.text), "a bandwidth", REMEDY);
    return 0;
  }
  return rate;
}

/** iperf writes `Mbits/sec` and `MBytes/sec`. */
function plainUnit(text: string): string {
  return text.replace(/bits?\/s(?:ec)?\b/, "b/s").replace(/bytes?\/s(?:ec)?\b/i, "B/s");
}

/** Rates and latencies → the links of a cluster file, and what was not measured. */
export function describeNetwork(hosts: readonly string[], rates: Rates): BandwidthMatrix {
  const links = hosts.flatMap((from) =>
    hosts.filter((to) => to !== from).map((to) => linkEntry(from, to, rates.get(from)?.get(to))),
  );
  const measured = [...rates.values()].flatMap((row) => [...row.values()]);
  const silent = measured.some(
    ({ rate, latencySeconds }) => rate > 0 && latencySeconds === undefined,
  );
  const assumptions = silent
    ? [`latency: ${ASSUMED_LATENCY} on every link where it was not measured`]
    : [];
  if (hosts.includes(COORDINATOR)) {
    return { hosts: hosts.filter((host) => host !== COORDINATOR), network: { links }, assumptions };
  }
  const bandwidth = median(measured.map(({ rate }) => rate).filter((rate) => rate > 0)) ?? 0;
  const latency = median(measured.flatMap(({ latencySeconds }) => latencySeconds ?? []));
  assumptions.push("the coordinator reaches every host with the median bandwidth of the links");
  const withinRegion = { bandwidth, latency: latency ?? ASSUMED_LATENCY };
  return { hosts, network: { withinRegion, links }, assumptions };
}

function linkEntry(from: string, to: string, link: MeasuredLink | undefined) {
  return { from, to, bandwidth: link?.rate ?? 0, latency: link?.latencySeconds ?? ASSUMED_LATENCY };
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
