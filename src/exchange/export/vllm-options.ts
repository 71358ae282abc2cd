import type { ExportRequest } from "./outcome.js";
import type { Chain } from "./chains.js";
import { formatShare, listUnsaid, settingsOf } from "./settings.js";
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
    // It takes no fewer than requests may be under way.
    ["max-num-batched-tokens", Math.max(batchTokens, maxSequences)],
  ];
}

/** What is lost between a plan and the engines of its chains, steps that vLLM takes larger among it. */
export function listUnsaidByVllm(
  request: ExportRequest,
  chains: readonly Chain[],
): readonly string[] {
  const larger = chains.flatMap((chain) => {
    const { batchTokens, maxSequences } = settingsOf(request, chain, "vllm");
    return batchTokens < maxSequences ? [{ name: chain.name, batchTokens, maxSequences }] : [];
  });
  const [one] = larger;
  if (one === undefined) return listUnsaid(request, chains);
  const names = larger.map(({ name }) => name).join(", ");
  return [
    ...listUnsaid(request, chains),
    `steps of ${one.batchTokens} tokens for ${names}: vLLM takes no fewer than requests may be under way, ${one.maxSequences} for ${one.name}, and may then serve less than was simulated. ${STEP_VERSION} and later keep them with \`--max-num-scheduled-tokens ${one.batchTokens}\``,
  ];
}

/** Absent in 0.24, there in 0.28. */
const STEP_VERSION = "vLLM 0.28";

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
