/** A command of some seconds whose results an interrupt must not harm. */
export interface LongCommand {
  readonly name: string;
  readonly argv: readonly string[];
  /** Files it writes, each whole or not at all. */
  readonly outputs: readonly string[];
  /**
   * How many results standard error says were there, and how many came out. Absent where it does not say, or
   * where an interrupt gives the work up.
   */
  readonly results?: {
    readonly announced: (err: string) => number;
    readonly delivered: (out: string, read: (name: string) => string | undefined) => number;
  };
}

/** At most one plan is announced. */
const anyIncumbent = (err: string): number => (err.includes('"event":"incumbent"') ? 1 : 0);
const isThere = (text: string | undefined): number => (text === undefined || text === "" ? 0 : 1);
const scenariosIn = (out: string): number =>
  out === "" ? 0 : (JSON.parse(out) as { readonly scenarios: readonly unknown[] }).scenarios.length;

/** Seconds that searches take; each command is over soon after. */
const SEARCH = ["--time-limit", "2"];
/** Enough to find something, also on a busy machine. */
const LONGER = ["--time-limit", "5"];

export const LONG_COMMANDS: readonly LongCommand[] = [
  {
    name: "plan",
    argv: ["fleet.json", "--gap", "0", ...SEARCH, "--progress", "json", "-o", "plan.json"].concat([
      "--map",
      "map.svg",
      "--report",
      "plan.html",
    ]),
    outputs: ["plan.json", "map.svg", "plan.html"],
    results: { announced: anyIncumbent, delivered: (_, read) => isThere(read("plan.json")) },
  },
  {
    name: "plan to a pipe",
    argv: ["fleet.json", "--gap", "0", ...SEARCH, "--progress", "json"],
    outputs: [],
    results: { announced: anyIncumbent, delivered: isThere },
  },
  {
    name: "plan for goodput",
    argv: ["home.json", "--objective", "goodput", ...SEARCH, "-o", "plan.json"],
    outputs: ["plan.json"],
  },
  {
    name: "plan within limits",
    argv: [
      "home.json",
      "--objective",
      "goodput",
      "--max-tpot",
      "0.2",
      ...SEARCH,
      "-o",
      "plan.json",
    ],
    outputs: ["plan.json"],
  },
  {
    name: "report",
    argv: ["home.json", "--strategy", "chain", "--iteration-limit", "1", "-o", "plan.json"].concat([
      "--map",
      "map.svg",
      "--report",
      "plan.html",
    ]),
    outputs: ["plan.json", "map.svg", "plan.html"],
  },
  {
    name: "simulate",
    argv: ["simulate", "home.json", "running.json", "--warmup", "100", "--duration", "6000"].concat(
      ["--json", "--timeline", "timeline.json", "--report", "run.html"],
    ),
    outputs: ["timeline.json", "run.html"],
  },
  {
    name: "compare",
    argv: ["compare", "home.json", "--placement", "running.json", "--warmup", "100"].concat([
      "--duration",
      "2500",
      "--json",
      "--report",
      "compared.html",
    ]),
    outputs: ["compared.html"],
  },
  {
    name: "what-if",
    argv: [
      "what-if",
      "home.json",
      "--json",
      "--report",
      "what-if.html",
      "--time-limit",
      "0.5",
    ].concat(
      [1, 2, 3, 4].flatMap((count) => ["--scenario", `more: add ${count}xold-3060`]),
      ["--gap", "0"],
    ),
    outputs: ["what-if.html"],
    results: {
      announced: (err) => err.match(/tokens\/s$/gm)?.length ?? 0,
      delivered: scenariosIn,
    },
  },
  {
    name: "what to buy",
    argv: ["what-if", "home.json", "--json", "--prices", "prices.json", "--budget", "6"].concat([
      ...LONGER,
      "-o",
      "bought.json",
      "--report",
      "bought.html",
    ]),
    outputs: ["bought.json", "bought.html"],
  },
  {
    name: "sweep",
    argv: [
      "what-if",
      "home.json",
      "--sweep",
      "old-3060=0..3,desktop-3090=1..2",
      "--state",
      "state.json",
    ].concat(["--json", "--report", "sweep.html"]),
    outputs: ["state.json", "sweep.html"],
    results: {
      announced: (err) => Number(/.*^(\d+)\/\d+ scenarios$/ms.exec(err)?.[1] ?? 0),
      delivered: (_, read) => {
        const text = read("state.json");
        return text === undefined
          ? 0
          : Object.keys((JSON.parse(text) as { readonly results: object }).results).length;
      },
    },
  },
  {
    name: "pareto",
    argv: ["pareto", "home.json", ...LONGER, "--json", "-o", "front", "--svg", "front.svg"].concat([
      "--report",
      "front.html",
    ]),
    outputs: ["front/1.json", "front.svg", "front.html"],
  },
  {
    name: "train",
    argv: ["train", "job.json", "--json", "-o", "trained.json", "--timeline", "timeline.svg"],
    outputs: ["trained.json", "timeline.svg"],
  },
  {
    name: "replan",
    argv: ["replan", "fleet.json", "running-fleet.json", "--drain", "a100-0", ...SEARCH].concat([
      "-o",
      "plan.json",
      "--json",
    ]),
    outputs: ["plan.json"],
  },
];
