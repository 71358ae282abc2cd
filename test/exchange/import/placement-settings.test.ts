import { expect, test } from "vitest";
import { readLaunchSettings } from "../../../src/exchange/import/placement-settings.js";

const file = (text: string) => ({ name: "start.sh", text });

test("steps that launch files set alike are read; what they set otherwise is said, and left to others", () => {
  const first = file("vllm serve m --max-num-batched-tokens 512 --max-num-seqs 64\n");
  const other = file("vllm serve m --max-num-batched-tokens 2048 --max-num-seqs 64\n");
  expect(readLaunchSettings("vllm", [first])).toEqual({
    settings: { batchTokens: 512, maxSequences: 64 },
    notes: [],
  });
  const { settings, notes } = readLaunchSettings("vllm", [first, other]);
  expect(settings).toEqual({ maxSequences: 64 });
  expect(notes).toEqual([
    expect.stringMatching(/^the files set --max-num-batched-tokens to 512 and 2048, .* one: /),
  ]);
});
