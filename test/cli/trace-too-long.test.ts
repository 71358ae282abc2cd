import { expect, test } from "vitest";
import { readLoad } from "../../src/cli/simulation-options.js";

const TRACE =
  "TIMESTAMP,ContextTokens,GeneratedTokens\n0,500,100\n1,4000,97\n2,4000,96\n3,9000,1\n";

test.each([
  [4096, ["Note: 2 of 4 requests of t.csv are longer, with their answers, than the 4096 tokens"]],
  [10_000, []],
  [undefined, []],
])(
  "requests of a trace that a model of %s tokens does not take are counted",
  async (most, said) => {
    const notes: string[] = [];
    const model = most === undefined ? {} : { longestContext: most };
    const note = (text: string): void => void notes.push(text);
    await readLoad({ seed: 1, trace: "t.csv" }, () => Promise.resolve(TRACE), note, { model });
    expect(notes.map((text) => text.slice(0, said[0]?.length))).toEqual(said);
  },
);

test("requests under way are refused for chains, which fill themselves: they were kept full without a word", async () => {
  const asked = { seed: 1, concurrency: 1 };
  const load = (name: "vllm" | "petals") =>
    readLoad(
      asked,
      () => Promise.resolve(""),
      () => {},
      {
        model: {},
        engine: { name, from: "asked for" },
      },
    );
  await expect(load("vllm")).rejects.toMatchObject({
    problems: [expect.objectContaining({ path: "--concurrency" })],
  });
  expect(await load("petals")).toMatchObject({ concurrency: 1 });
});
