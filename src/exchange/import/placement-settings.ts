import type { EngineSettings } from "../../core/engine-choice.js";
import { optionValue, readWords } from "./launch-words.js";
import type { ImportFile } from "./placement-entries.js";
import type { PlacementImport } from "./import-placement.js";

type Names = Readonly<Record<keyof EngineSettings, readonly string[]>>;

/** What engines call the tokens of a step and the most requests in one. */
const NAMES: Partial<Record<PlacementImport, Names>> = {
  vllm: { batchTokens: ["--max-num-batched-tokens"], maxSequences: ["--max-num-seqs"] },
  sglang: { batchTokens: ["--chunked-prefill-size"], maxSequences: ["--max-running-requests"] },
  "tensorrt-llm": {
    batchTokens: ["max_num_tokens:", "--max_num_tokens"],
    maxSequences: ["max_batch_size:", "--max_batch_size"],
  },
};

/**
 * What launch files set of an engine's batches. What they do not say alike holds for none of them, as a placement
 * has one engine: it is left to the engine's own.
 */
export function readLaunchSettings(
  format: PlacementImport,
  files: readonly ImportFile[],
): EngineSettings {
  const names = NAMES[format];
  if (names === undefined) return {};
  const texts = files.map(({ text }) => readWords(text));
  const said = (key: keyof EngineSettings): EngineSettings => {
    const values = texts.flatMap((words) => optionValue(words, ...names[key]) ?? []);
    const [value] = values;
    const alike = value !== undefined && values.every((each) => each === value);
    return alike && /^[1-9]\d{0,8}$/.test(value) ? { [key]: Number(value) } : {};
  };
  return { ...said("batchTokens"), ...said("maxSequences") };
}
