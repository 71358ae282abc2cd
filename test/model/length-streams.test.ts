import { expect, test } from "vitest";
import { createRandom } from "../../src/core/random.js";
import { chooseLengths } from "../../src/model/choose-lengths.js";

test("the means of a stream come near those of the workload within a thousand requests", () => {
  for (const name of ["azure-conversation", "sharegpt", "azure-code", "of my own"]) {
    const lengths = chooseLengths({ name, promptTokens: 300, outputTokens: 80 });
    const means = [1, 2].map((seed) => {
      const next = lengths.createStream(createRandom(seed));
      let [prompts, outputs] = [0, 0];
      for (let draw = 0; draw < 1000; draw += 1) {
        next();
        prompts += lengths.promptTokens;
        outputs += lengths.outputTokens;
      }
      return { prompts: prompts / 1000, outputs: outputs / 1000 };
    });
    expect(means[0]!.prompts / means[1]!.prompts).toBeCloseTo(1, 1.7);
    expect(means[0]!.outputs / means[1]!.outputs).toBeCloseTo(1, 1.7);
    expect(means[0]!.prompts / lengths.meanPromptTokens).toBeCloseTo(1, 1.5);
    expect(means[0]!.outputs / lengths.meanOutputTokens).toBeCloseTo(1, 1.5);
  }
});

test("two streams of different seeds differ, of the same do not", () => {
  const lengths = chooseLengths({ name: "azure-conversation", promptTokens: 1, outputTokens: 1 });
  const draw = (seed: number): number[] => {
    const next = lengths.createStream(createRandom(seed));
    return Array.from({ length: 20 }, () => {
      next();
      return lengths.promptTokens;
    });
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("a workload with the means of the shape that it is stretched from is that shape", () => {
  const shape = chooseLengths({ name: "azure-conversation", promptTokens: 1, outputTokens: 1 });
  const [promptTokens, outputTokens] = [shape.meanPromptTokens, shape.meanOutputTokens];
  const own = chooseLengths({ name: "of my own", promptTokens, outputTokens });
  expect([own.meanPromptTokens, own.meanOutputTokens]).toEqual([promptTokens, outputTokens]);
});
