import type { SearchProgress } from "../planner/portfolio/search.js";
import { formatPercent, formatRate } from "../report/format-number.js";
import { styleFor, type Terminal } from "./terminal.js";

export type ProgressStyle = "text" | "json" | "none";

export interface ProgressReporter {
  readonly tell: (progress: SearchProgress) => void;
  /** Ends the live line. */
  readonly finish: () => void;
}

/** Progress on standard error: one live line on a terminal, one JSON object per line for programs. */
export function createProgressReporter(
  terminal: Terminal,
  style: ProgressStyle = terminal.interactive ? "text" : "none",
): ProgressReporter {
  if (style === "none") return { tell: () => undefined, finish: () => undefined };
  if (style === "json") {
    return {
      tell: (progress) => terminal.err(`${toJsonLine(progress)}\n`),
      finish: () => undefined,
    };
  }
  const live = createLiveLine(terminal);
  return {
    tell: (progress) => {
      if (terminal.interactive) live.say(toText(progress));
      else if (progress.event !== "started") terminal.err(`${toText(progress)}\n`);
    },
    finish: live.finish,
  };
}

export interface LiveLine {
  /** In place of what stood there. */
  readonly say: (text: string) => void;
  readonly finish: () => void;
}

/** One line on standard error that says what is being done, on a terminal; nothing elsewhere. */
export function createLiveLine(terminal: Terminal): LiveLine {
  if (!terminal.interactive) return { say: () => undefined, finish: () => undefined };
  return {
    say: (text) => {
      terminal.clearLine?.();
      terminal.err(cutLine(text, terminal));
    },
    finish: () => terminal.clearLine?.(),
  };
}

/** A line that is going to be rewritten: one that the terminal broke would leave its first half behind. */
function cutLine(line: string, terminal: Terminal): string {
  const most = styleFor(terminal, "err").columns - 1;
  const characters = Array.from(line);
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}

const NOTES: Partial<Record<SearchProgress["event"], string>> = {
  "ignored-warm-start": " (not legal here, ignored)",
  failed: " (failed, the others go on)",
};

function toText(progress: SearchProgress): string {
  if (progress.served !== undefined) {
    const { seconds, served, upperBound, strategy } = progress;
    return `${seconds.toFixed(1).padStart(6)} s  serves ${formatRate(served)} decode tokens/s, of at most ${formatRate(upperBound)}: ${strategy}`;
  }
  const best = progress.throughput === undefined ? "none yet" : formatRate(progress.throughput);
  const seconds = progress.seconds.toFixed(1).padStart(6);
  const bound = formatRate(progress.upperBound);
  const gap = formatPercent(progress.gap);
  const note = NOTES[progress.event] ?? "";
  return `${seconds} s  tokens/s ${best}  bound ${bound}  gap ${gap}  ${progress.strategy}${note}`;
}

function toJsonLine(progress: SearchProgress): string {
  const bound = Number.isFinite(progress.upperBound) ? progress.upperBound : null;
  return JSON.stringify({
    ...progress,
    throughput: progress.throughput ?? null,
    upperBound: bound,
  });
}
