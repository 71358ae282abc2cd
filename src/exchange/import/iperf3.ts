import type { Problem } from "../../core/errors.js";
import { BITS_PER_BYTE } from "../../core/units.js";
import { parseJson } from "../../formats/parse-json.js";
import { describeNetwork } from "./bandwidth-matrix.js";
import type { BandwidthMatrix, MeasuredLink, Rates } from "./bandwidth-matrix.js";
import type { Parsed } from "./import-outcome.js";
import { asObject } from "./kubernetes-labels.js";
import type { JsonObject } from "./kubernetes-labels.js";

/** One result of `iperf3 -c … -J`; the names of its ends where the caller knows better. */
export interface IperfResult {
  readonly source: string;
  readonly text: string;
  readonly from?: string;
  readonly to?: string;
}

const REMEDY =
  "Run iperf3 -c HOST -J against a running iperf3 -s, and name the ends: from:to=file.json.";
const MICRO = 1e-6;

/**
 * Results of `iperf3 -c HOST -J` → links. A run measures one direction (`-R` the other, `--bidir`
 * both); a direction that nobody measured is taken to be as fast as its opposite. The latency is half
 * of the round trip that TCP saw. Runs that failed are reported; the rest is kept.
 */
export function readIperf(results: readonly IperfResult[]): Parsed<BandwidthMatrix> & {
  readonly leftOut: readonly Problem[];
} {
  const leftOut: Problem[] = [];
  const rates: Rates = new Map();
  for (const result of results) {
    const runs = readRun(result);
    if ("path" in runs) leftOut.push(runs);
    else for (const { from, to, link } of runs.links) setLink(rates, from, to, link);
  }
  if (rates.size === 0) return { kind: "problems", problems: leftOut, leftOut };
  const opposite = [...rates].flatMap(([from, row]) =>
    [...row.keys()].filter((to) => rates.get(to)?.get(from) === undefined).map((to) => [from, to]),
  ) as [string, string][];
  for (const [from, to] of opposite) setLink(rates, to, from, rates.get(from)!.get(to)!);
  const hosts = [...rates.keys()];
  const network = describeNetwork(hosts, rates);
  const said =
    opposite.length === 0
      ? []
      : [`${opposite.length} links measured one way only: taken as fast the other way`];
  return {
    kind: "parsed",
    value: { ...network, assumptions: [...said, ...network.assumptions] },
    leftOut,
  };
}

interface Measured {
  readonly from: string;
  readonly to: string;
  readonly link: MeasuredLink;
}

function readRun(result: IperfResult): { readonly links: readonly Measured[] } | Problem {
  const json = asObject(parseJson(result.source, result.text)) ?? {};
  const wrong = (found: string): Problem => ({
    path: result.source,
    found,
    expected: "a finished run of iperf3 -J",
    remedy: REMEDY,
  });
  if (typeof json.error === "string") return wrong(`an error of iperf3: ${json.error}`);
  const start = asObject(json.start);
  const end = asObject(json.end);
  const connected = Array.isArray(start?.connected) ? asObject(start.connected[0]) : undefined;
  const from = result.from ?? text(connected?.local_host);
  const to =
    result.to ?? text(asObject(start?.connecting_to)?.host) ?? text(connected?.remote_host);
  const rate = rateOf(end, "sum_received", "sum", "sum_sent");
  if (from === undefined || to === undefined) return wrong("a run that does not say its ends");
  if (rate === undefined) return wrong("a run without a rate");
  const latency = roundTripSeconds(end);
  const link = (bytes: number): MeasuredLink => ({
    rate: bytes,
    ...(latency === undefined ? {} : { latencySeconds: latency / 2 }),
  });
  const reverse = asObject(start?.test_start)?.reverse === 1;
  const back = rateOf(end, "sum_received_bidir_reverse", "sum_bidir_reverse");
  const forth = reverse ? { from: to, to: from, link: link(rate) } : { from, to, link: link(rate) };
  return {
    links: back === undefined ? [forth] : [forth, { from: to, to: from, link: link(back) }],
  };
}

function rateOf(end: JsonObject | undefined, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const bits = asObject(end?.[key])?.bits_per_second;
    if (typeof bits === "number" && Number.isFinite(bits) && bits > 0) return bits / BITS_PER_BYTE;
  }
  return undefined;
}

/** Mean round trip over the streams; iperf3 gives it in µs, on the side that sends. */
function roundTripSeconds(end: JsonObject | undefined): number | undefined {
  const streams = Array.isArray(end?.streams) ? end.streams : [];
  const trips = streams
    .map((stream) => asObject(asObject(stream)?.sender)?.mean_rtt)
    .filter((trip): trip is number => typeof trip === "number" && trip > 0);
  if (trips.length === 0) return undefined;
  return (trips.reduce((sum, trip) => sum + trip, 0) / trips.length) * MICRO;
}

function setLink(rates: Rates, from: string, to: string, link: MeasuredLink): void {
  const row = rates.get(from) ?? new Map<string, MeasuredLink>();
  rates.set(from, row.set(to, link));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
