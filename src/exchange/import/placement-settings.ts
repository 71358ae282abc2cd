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
 * has one engine: it is left to the cluster file or the engine, and a note says so.
 */
export function readLaunchSettings(
  format: PlacementImport,
  files: readonly ImportFile[],
): { readonly settings: EngineSettings; readonly notes: readonly string[] } {
  const names = NAMES[format];
  if (names === undefined) return { settings: {}, notes: [] };
  const texts = files.map(({ text }) => readWords(text));
  const notes: string[] = [];
  const said = (key: keyof EngineSettings): EngineSettings => {
    const values = new Set(texts.flatMap((words) => optionValue(words, ...names[key]) ?? []));
    const [value, ...others] = values;
    if (others.length > 0)
      notes.push(
        `the files set ${names[key][0]!.replace(/:$/, "")} to ${[...values].join(" and ")}, and a placement has one: what the cluster file says counts, or else the engine's own`,
      );
    return others.length === 0 && /^[1-9]\d{0,8}$/.test(value ?? "")
      ? { [key]: Number(value) }
      : {};
  };
  return { settings: { ...said("batchTokens"), ...said("maxSequences") }, notes };
}
