import { InputError } from "../core/errors.js";
import type { Workload } from "../core/model.js";
import { createRandom } from "../core/random.js";
import { remember } from "../core/remember.js";
import { LENGTH_PRESETS } from "./length-presets.js";
import { createLengths, type LengthMixture, type Lengths } from "./lengths.js";

const DEFAULT_SHAPE = "azure-conversation";
/** Its means as `createLengths` samples them: a test compares. */
const SHAPE_MEANS = { promptTokens: 767.84595, outputTokens: 234.104 };

/**
 * The lengths of a workload's requests: the preset of that name, or the shape of the conversation
 * trace stretched to the workload's means.
 * @param name a preset to use instead.
 * @throws InputError when there is no preset of that name.
 */
export function chooseLengths(workload: Workload, name?: string): Lengths {
  const preset = LENGTH_PRESETS[name ?? workload.name];
  if (preset !== undefined) return createLengths(preset);
  if (name !== undefined) {
    throw new InputError("command line", [
      {
        path: "--workload",
        found: JSON.stringify(name),
        expected: Object.keys(LENGTH_PRESETS).join(", "),
        remedy: "Name one of these, give a --trace, or set the workload in the cluster file.",
      },
    ]);
  }
  const shape = LENGTH_PRESETS[DEFAULT_SHAPE]!;
  const stretched = stretch(
    shape,
    workload.name,
    workload.promptTokens / SHAPE_MEANS.promptTokens,
    workload.outputTokens / SHAPE_MEANS.outputTokens,
  );
  return createLengths(stretched);
}

const MEAN_DRAWS = 4096;

/** The mean request as streams draw it: nearly, not just, what the workload says. O(1): 4,096 draws. */
export const meanRequest = remember(sampleRequest, ({ name, promptTokens, outputTokens }) =>
  JSON.stringify([name, promptTokens, outputTokens]),
);

function sampleRequest(
  workload: Workload,
): Readonly<Pick<Workload, "promptTokens" | "outputTokens">> {
  const lengths = chooseLengths(workload);
  const next = lengths.createStream(createRandom(1));
  let prompts = 0;
  let outputs = 0;
  for (let draw = 0; draw < MEAN_DRAWS; draw += 1) {
    next();
    prompts += lengths.promptTokens;
    outputs += lengths.outputTokens;
  }
  return { promptTokens: prompts / MEAN_DRAWS, outputTokens: outputs / MEAN_DRAWS };
}

function stretch(
  shape: LengthMixture,
  name: string,
  prompt: number,
  output: number,
): LengthMixture {
  const scale = ([a, b]: readonly [number, number], factor: number): readonly [number, number] => [
    a * factor,
    b * factor,
  ];
  const range = (
    [least, most]: readonly [number, number],
    factor: number,
  ): readonly [number, number] => [
    Math.max(1, Math.floor(least * factor)),
    Math.max(1, Math.ceil(most * factor)),
  ];
  return {
    name,
    promptRange: range(shape.promptRange, prompt),
    outputRange: range(shape.outputRange, output),
    kinds: shape.kinds.map((kind) => ({
      weight: kind.weight,
      prompt: scale(kind.prompt, prompt),
      output: scale(kind.output, output),
    })),
  };
}
