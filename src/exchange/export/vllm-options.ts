import type { ExportRequest } from "./outcome.js";
import type { Chain } from "./chains.js";
import { formatShare, settingsOf } from "./settings.js";
import { cacheTypeOf, plainTypeOf, quantizationOf } from "./weight-types.js";

/** An option of vLLM with its value; keys of its Python configuration have `_` for `-`. */
export type VllmOption = readonly [name: string, value: string | number];

/**
 * What the plan relied on, in vLLM's words: types, memory, context, sequences, tokens of a step.
 * @param ranks stages that get these options; the least share of memory among them holds.
 */
export function vllmOptions(
  request: ExportRequest,
  chain: Chain,
  ranks: Chain["stages"] = chain.stages,
): readonly VllmOption[] {
  const { model } = request.cluster;
  const { contextTokens, maxSequences, batchTokens } = settingsOf(request, chain, "vllm");
  const type = plainTypeOf(model, chain);
  const quantization = quantizationOf(model, request.model, "vllm");
  const cache = cacheTypeOf(model);
  const shares = ranks.flatMap(({ memory }) => (memory === undefined ? [] : [memory.ofCards]));
  return [
    ...option("dtype", type),
    ...option("quantization", quantization),
    ...option("kv-cache-dtype", cache),
    ...option(
      "gpu-memory-utilization",
      shares.length < ranks.length ? undefined : formatShare(Math.min(...shares)),
    ),
    ...option("max-model-len", contextTokens),
    ["max-num-seqs", maxSequences],
    // It takes no fewer than requests may be under way, and no more of these were simulated.
    ["max-num-batched-tokens", batchTokens],
  ];
}

function option(name: string, value: string | number | undefined): readonly VllmOption[] {
  return value === undefined ? [] : [[name, value]];
}

/** As words of a command line, an option and its value each. */
export function toWords(options: readonly VllmOption[]): readonly (readonly string[])[] {
  return options.map(([name, value]) => [`--${name}`, String(value)]);
}

/** As arguments of Python. */
export function toKeywords(
  options: readonly VllmOption[],
): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    options.map(([name, value]) => [
      name.replaceAll("-", "_"),
      name === "gpu-memory-utilization" ? Number(value) : value,
    ]),
  );
}
