import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Rules that once stood in several places: the words that say one, and the file that may. */
const RULES: readonly (readonly [rule: string, words: RegExp, home: string])[] = [
  ["how a shell word is quoted", /replaceAll\("'"/, "core/quote-shell.ts"],
  ["the least share of flow", /flow_?share\w*\s*[:=]\s*0\.05/i, "engines/helix/helix.ts"],
  [
    "the high-water marks",
    /(high_?water\w*|HIGH_WATER)\s*[:=]\s*0\.(85|9)\b/i,
    "engines/helix/helix.ts",
  ],
  ["the feed mark", /feed_?mark\w*\s*[:=]\s*0\.8\b/i, "engines/helix/helix.ts"],
  [
    "requests under way without KV figures",
    /concurrency\w*\s*[:=]\s*180\b/i,
    "engines/helix/helix.ts",
  ],
  ["tokens of a KV block", /block_?tokens\w*\s*[:=]\s*16\b/i, "core/capacity.ts"],
  ["ways to keep nodes apart", /leftovers: (true|false)/, "planner/starts/baselines.ts"],
  ["names of baselines", /"separate-plus"/, "planner/starts/baselines.ts"],
  ["planning options", /--iteration-limit <steps>/, "cli/planning-option-rows.ts"],
  ["columns of what-if", /"\$\/M tokens"/, "report/what-if-table.ts"],
  ["names of batching rules", /name: "decode-first"/, "engines/helix/batchings.ts"],
];

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => [path, readFileSync(join("src", path), "utf8")] as const);

test.each(RULES)("%s: said in one place", (_, words, home) => {
  expect(files.flatMap(([path, text]) => (words.test(text) ? [path] : []))).toEqual([home]);
});
