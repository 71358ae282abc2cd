import { styleText } from "node:util";
import { printableText } from "../core/printable.js";
import { PLAIN, type TextStyle, type Tone } from "../report/text-style.js";

/** What is asked of a stream to know how it is read. */
interface ReadStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const COLOURS = {
  error: "red",
  warning: "yellow",
  best: "green",
  bottleneck: "magenta",
} as const satisfies Record<Tone, string>;

/** The sequences that colours of ours consist of. */
// oxlint-disable-next-line no-control-regex -- colours begin with it
const OWN = /(\u001B\[3[1-9]m)/;

/** Least characters of a line that tables are laid out for. */
const LEAST_COLUMNS = 40;

/** How a stream is read: each of the two on its own. */
export function styleOf(stream: ReadStream, environment: Environment): TextStyle {
  const columns = [Number(environment.COLUMNS), stream.columns ?? 0].find((count) => count >= 1);
  return {
    columns: Math.max(LEAST_COLUMNS, Math.floor(columns ?? PLAIN.columns)),
    wraps: stream.isTTY === true,
    paint: wantsColour(stream, environment)
      ? (tone, text) => styleText(COLOURS[tone], text, { validateStream: false })
      : PLAIN.paint,
  };
}

/** Colour on a terminal that shows it, unless somebody said otherwise (no-color.org, force-color.org). */
function wantsColour(stream: ReadStream, environment: Environment): boolean {
  const { FORCE_COLOR, NO_COLOR, NODE_DISABLE_COLORS, TERM } = environment;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if ((NO_COLOR ?? "") !== "" || (NODE_DISABLE_COLORS ?? "") !== "") return false;
  return stream.isTTY === true && TERM !== "dumb";
}

/** A text that steers no terminal: of what could, only our own colours are left, and those only where we paint. */
export function plainly(text: string, { paint }: TextStyle): string {
  if (paint("error", "x") === "x") return printableText(text);
  const parts = text.split(OWN);
  return parts.map((part, at) => (at % 2 === 1 ? part : printableText(part))).join("");
}
