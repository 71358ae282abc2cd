import { GIGA, KILO, MEGA } from "../../core/units.js";
import type { Place, TextProblems } from "./import-outcome.js";

interface IniValue extends Place {
  readonly text: string;
}

export interface IniSection extends Place {
  readonly name: string;
  readonly values: ReadonlyMap<string, IniValue>;
}

/** Sections of an INI text in their order. Lines that are none are reported. Linear in the text. */
export function parseIni(text: string, problems: TextProblems): readonly IniSection[] {
  const sections: (IniSection & { readonly values: Map<string, IniValue> })[] = [];
  text.split(/\r\n|\n|\r/).forEach((raw, index) => {
    const line = index + 1;
    const content = withoutComment(raw);
    const column = raw.length - raw.trimStart().length + 1;
    if (content === "" || /^[#;]/.test(content)) return;
    const header = /^\[([^\]]+)\]$/.exec(content);
    if (header !== null) {
      sections.push({ name: header[1]!.trim(), line, column, values: new Map() });
      return;
    }
    const entry = splitEntry(content);
    const section = sections[sections.length - 1];
    if (entry === undefined || section === undefined) {
      const expected = section === undefined ? "a [section] first" : "key = value";
      problems.add(
        { line, column },
        JSON.stringify(content.slice(0, 40)),
        expected,
        "Correct the line.",
      );
      return;
    }
    const [key, value] = entry;
    section.values.set(key, { text: value, line, column: raw.indexOf(value, key.length) + 1 });
  });
  return sections;
}

/** The line up to a `#` or `;` behind a blank, trimmed. Linear: a regex over blanks would try every one anew. */
function withoutComment(raw: string): string {
  for (let at = 1; at < raw.length; at += 1) {
    const starts = raw[at] === "#" || raw[at] === ";";
    if (starts && raw[at - 1]!.trim() === "") return raw.slice(0, at).trim();
  }
  return raw.trim();
}

function splitEntry(content: string): readonly [key: string, value: string] | undefined {
  const at = content.search(/[=:]/);
  return at < 1 ? undefined : [content.slice(0, at).trimEnd(), content.slice(at + 1).trimStart()];
}

/** Units of the Helix artifact. Its bps units are BYTES per second. */
const UNITS: Readonly<Record<string, number>> = {
  bps: 1,
  kbps: KILO,
  mbps: MEGA,
  gbps: GIGA,
  Byte: 1,
  KB: KILO,
  MB: MEGA,
  GB: GIGA,
  Sec: 1,
  MilliSec: 1e-3,
  MicroSec: 1e-6,
};

/** A product such as `10 * gbps` or a plain number; parsed, never evaluated. */
export function parseProduct(text: string): number | undefined {
  let product = 1;
  for (const factor of text.split("*").map((part) => part.trim())) {
    const value = Object.hasOwn(UNITS, factor) ? UNITS[factor]! : parseNumber(factor);
    if (value === undefined) return undefined;
    product *= value;
  }
  return Number.isFinite(product) ? product : undefined;
}

export function unquote(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, "$2");
}

function parseNumber(text: string): number | undefined {
  return /^-?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
