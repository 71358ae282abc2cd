/** Bits in a byte, the SI giga and the binary gibi: the only place where these figures appear. */
export const BITS_PER_BYTE = 8;
export const KILO = 1e3;
export const MEGA = 1e6;
export const GIGA = 1e9;
export const TERA = 1e12;
export const KIBI = 2 ** 10;
export const MEBI = 2 ** 20;
export const GIBI = 2 ** 30;
const TEBI = 2 ** 40;
export const SECONDS_PER_HOUR = 3600;

export type Quantity = "bytes" | "bytesPerSecond" | "seconds" | "dollarsPerHour" | "watts";

const PREFIXES: Readonly<Record<string, number>> = {
  "": 1,
  k: KILO,
  K: KILO,
  M: MEGA,
  G: GIGA,
  T: TERA,
  Ki: KIBI,
  Mi: MEBI,
  Gi: GIBI,
  Ti: TEBI,
};

const TIME_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: SECONDS_PER_HOUR,
};

const EXAMPLES: Readonly<Record<Quantity, string>> = {
  bytes: '"24 GB", "16 GiB" or a number of bytes',
  bytesPerSecond: '"10 Gb/s", "1.25 GB/s", "10 Gbps" or a number of bytes per second',
  seconds: '"1 ms", "0.05 s" or a number of seconds',
  dollarsPerHour: '"3.67 $/h" or a number of dollars per hour',
  watts: '"700 W", "5.6 kW" or a number of watts',
};

/** What a quantity may look like, in words, for error messages. */
export function quantityExamples(kind: Quantity): string {
  return EXAMPLES[kind];
}

const TEXT = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$/;

/**
 * A quantity in SI units (bytes, bytes/s, seconds, $/h, W), or undefined if the text is not one.
 * Numbers pass through. A lower-case b is bits, an upper-case B bytes: `10 Gbps` is 1.25e9.
 * The result may be negative, zero or infinite (`1e400`); ranges are the caller's concern.
 */
export function parseQuantity(kind: Quantity, value: number | string): number | undefined {
  if (typeof value === "number") return value;
  const match = TEXT.exec(value);
  if (match === null) return undefined;
  const scale = unitScale(kind, match[2] ?? "");
  return scale === undefined ? undefined : Number(match[1]) * scale;
}

const HOURS_OF: Readonly<Record<string, number>> = { day: 24, week: 168, month: 730, year: 8760 };

/** A price for another time by the hour, as `0.68 $/h` for `500 $/month`; undefined where the text is none. */
export function proposePricePerHour(text: string): string | undefined {
  const [, figure, unit = ""] = TEXT.exec(text) ?? [];
  const time = /^(?:\$|USD) ?(?:\/|per|a) ?(day|week|month|year)$/.exec(unit)?.[1];
  if (time === undefined) return undefined;
  return `${Number((Number(figure) / HOURS_OF[time]!).toPrecision(3))} $/h`;
}

function unitScale(kind: Quantity, unit: string): number | undefined {
  switch (kind) {
    case "seconds":
      return TIME_UNITS[unit];
    case "dollarsPerHour":
      return /^(\$|USD) ?\/ ?(h|hr|hour)$/.test(unit) ? 1 : undefined;
    case "watts":
      return unit === "kW" ? KILO : unit === "W" ? 1 : undefined;
    case "bytes":
      return byteScale(unit);
    case "bytesPerSecond": {
      const rate = /^(.*?)(?:\/s|ps)$/.exec(unit);
      return rate === null ? undefined : byteScale(rate[1] ?? "");
    }
  }
}

function byteScale(unit: string): number | undefined {
  const match = /^([kKMGT]i?|)(b|B|bit|bits|byte|bytes)$/.exec(unit);
  if (match === null) return undefined;
  const prefix = PREFIXES[match[1] ?? ""];
  if (prefix === undefined) return undefined;
  const bits = match[2] === "b" || match[2] === "bit" || match[2] === "bits";
  return bits ? prefix / BITS_PER_BYTE : prefix;
}
