import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const MOST_LINES = 100;

const STATE = "an object: its methods are short and share one state of typed arrays";
const OBJECT = "an object: its methods are short and share what they read from";
const STEPS = "one algorithm whose inner steps share the arrays it works on, as in its source";
const ORDER = "a search told in its order: what comes later uses nearly all that came before";

/** Why these may be longer, by name. */
const REASONS: Readonly<Record<string, string>> = {
  createBoxRelaxation: STATE,
  createChainCollector: STATE,
  createChainScheduler: STATE,
  createConfigFields: OBJECT,
  createChainRates: OBJECT,
  createCoordinator: STATE,
  createGroupWork: STATE,
  createLayerwiseBatching: STATE,
  createLocalEvaluator: STATE,
  createLocalFlow: STATE,
  createLocalMoves: STATE,
  createMetrics: STATE,
  createMixCuts: STATE,
  createPartSearch: STATE,
  createStageMarket: STATE,
  createStageMaster: STATE,
  createSweepFlow: STATE,
  createSweepWork: STATE,
  createWorkCirculation: STATE,
  findCheapestMix: ORDER,
  findMaximumPreflow: STEPS,
  openChainProgram: STATE,
  priceStages: STEPS,
  runChain: STEPS,
  searchGoodput: ORDER,
  simulate: STEPS,
  sweepLayers: ORDER,
};

/** Functions at the left margin, by name, with their lines. Formatting makes their end a line "}". */
function listFunctions(text: string): readonly (readonly [name: string, lines: number])[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const name = /^(?:export )?(?:async )?(?:function\*? |const )(\w+)/.exec(line)?.[1];
    const end = lines.findIndex(
      (other, at) => at > start && /^\S/.test(other) && !other.startsWith(")"),
    );
    const closes = /^\}(?: as const)?[;)]*/.test(lines[end] ?? "");
    const code = lines
      .slice(start, end)
      .some((inner) => /=>|^(?:export )?(?:async )?function/.test(inner));
    return name === undefined || !closes || !code ? [] : [[name, end - start + 1] as const];
  });
}

test("a function of more than 100 lines has a reason, and every reason a function", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  expect(files.length).toBeGreaterThan(300);
  const long = files.flatMap((path) =>
    listFunctions(readFileSync(join("src", path), "utf8"))
      .filter(([, lines]) => lines > MOST_LINES)
      .map(([name]) => name),
  );
  expect(long.toSorted()).toEqual(Object.keys(REASONS).toSorted());
});

test("long functions are found", () => {
  const body = "  f(() => 1);\n".repeat(MOST_LINES);
  expect(
    listFunctions(`export async function long(\n  a: number,\n): Promise<void> {\n${body}}\n`),
  ).toEqual([["long", MOST_LINES + 4]]);
  expect(listFunctions(`const short = (): void => {\n  g();\n};\n`)).toEqual([["short", 3]]);
});
