import type { NetworkEntry } from "../../formats/cluster-schema.js";
import type { TextProblems } from "./import-outcome.js";
import { parseProduct, unquote } from "./ini.js";
import type { IniSection } from "./ini.js";

type LinkEntry = NonNullable<NetworkEntry["links"]>[number];

/** The artifact's `source` and `sink` are both the coordinator. */
const COORDINATOR = "coordinator";

/**
 * Links of either kind of cluster INI. The planner's files give a pair of nodes once and mean both
 * directions; links from the source and to the sink are directed.
 */
export function readHelixLinks(
  sections: readonly IniSection[],
  nodes: readonly string[],
  problems: TextProblems,
): LinkEntry[] {
  return sections.flatMap((section) => {
    const ends = endsOf(section);
    if (ends === undefined) return [];
    const bandwidth = readValue(section, "bandwidth", problems);
    const latency = readValue(section, "latency", problems);
    const unknown = [ends.from, ends.to].find((end) => end !== COORDINATOR && !nodes.includes(end));
    if (unknown !== undefined) {
      problems.add(section, `a link of ${unknown}`, "nodes of this file", "Correct the section.");
    }
    if (bandwidth === undefined || latency === undefined || unknown !== undefined) return [];
    return [{ ...ends, bandwidth, latency }];
  });
}

function endsOf(section: IniSection): Pick<LinkEntry, "from" | "to" | "bidirectional"> | undefined {
  const planned = /^Link-(source|\d+)-(sink|\d+)$/.exec(section.name);
  if (planned !== null) {
    const [from, to] = [endName(planned[1]!), endName(planned[2]!)];
    const between = from !== COORDINATOR && to !== COORDINATOR;
    return between ? { from, to, bidirectional: true } : { from, to };
  }
  if (!section.name.startsWith("link_")) return undefined;
  const from = section.values.get("in");
  const to = section.values.get("out");
  if (from === undefined || to === undefined) return undefined;
  return { from: endName(unquote(from.text)), to: endName(unquote(to.text)) };
}

function endName(text: string): string {
  if (text === "source" || text === "sink") return COORDINATOR;
  return `n${text.replace(/^compute_node_/, "")}`;
}

function readValue(
  section: IniSection,
  key: "bandwidth" | "latency",
  problems: TextProblems,
): number | undefined {
  const value = section.values.get(key);
  const parsed = value === undefined ? undefined : parseProduct(value.text);
  if (parsed !== undefined && parsed >= 0) return parsed;
  const example = key === "bandwidth" ? "100 * mbps" : "50 * MilliSec";
  const found =
    value === undefined ? `[${section.name}] without ${key}` : JSON.stringify(value.text);
  problems.add(value ?? section, found, `a product such as ${example}`, "Correct the value.");
  return undefined;
}
