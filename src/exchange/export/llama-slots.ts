import { LLAMA_CPP } from "../../engines/llama-cpp.js";
import { slotsOf } from "../../engines/slots.js";
import type { Chain } from "./chains.js";
import type { ExportRequest } from "./outcome.js";
import { settingsOf } from "./settings.js";

/** llama.cpp gives every slot the same part of the context, used or not. Requests and tokens. */
export function contextSlots(
  request: ExportRequest,
  chain: Chain,
): { readonly slots: number; readonly wanted: number; readonly context: number | undefined } {
  const { contextTokens, kvTokens, maxSequences } = settingsOf(request, chain, "llama.cpp");
  if (kvTokens === undefined) {
    return { slots: maxSequences, wanted: maxSequences, context: undefined };
  }
  const rules = { ...LLAMA_CPP.batching, maxSequences };
  const slots = slotsOf(rules, kvTokens, request.cluster.workload)?.count ?? maxSequences;
  const context = Math.floor(Math.min(kvTokens, slots * (contextTokens ?? kvTokens)));
  return { slots, wanted: maxSequences, context };
}

/** Chains with room for more KV than their slots can use: no request has more tokens than one is given. */
export function listSpare(
  request: ExportRequest,
  chains: readonly Chain[],
): readonly { readonly name: string; readonly context: number; readonly text: string }[] {
  return chains.flatMap((chain) => {
    const { slots, context } = contextSlots(request, chain);
    const { kvTokens, contextTokens } = settingsOf(request, chain, "llama.cpp");
    if (context === undefined || kvTokens === undefined || context >= Math.floor(kvTokens))
      return [];
    const { name } = chain;
    const text = `${name} has room for ${kvTokens} tokens of KV, and \`-c\` takes ${context} of them: ${slots} slots of ${contextTokens}, the longest request; more would never be used.${request.file.engine === "llama.cpp" ? " The plan counts with the same slots." : ""}`;
    return [{ name, context, text }];
  });
}

/** Chains whose slots are fewer than their requests may be; a plan for llama.cpp counts with these slots itself. */
export function describeSlots(request: ExportRequest, chains: readonly Chain[]): readonly string[] {
  return chains.flatMap((chain) => {
    const { slots, wanted, context = 0 } = contextSlots(request, chain);
    if (slots >= wanted) return [];
    const each = Math.floor(context / slots);
    if (request.file.engine === "llama.cpp")
      return [
        `requests of more than ${each} tokens on ${chain.name}: llama.cpp gives each of ${slots} slots so much of the cache, which the plan counts with, and longer requests end there`,
      ];
    return [
      `${wanted} requests under way on ${chain.name}, which share the cache in the plan: llama.cpp gives each of ${slots} slots ${each} tokens of it, and longer requests end there`,
    ];
  });
}
