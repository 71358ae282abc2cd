/** Longest contexts by the published `config.json` files (max_position_embeddings): names that start so. */
const CONTEXTS: readonly (readonly [prefix: string, tokens: number])[] = [
  ["llama-2-", 4096],
  ["llama-30b", 2048],
  ["llama-3-", 8192],
  ["llama-3.", 131_072],
  ["mistral-7b", 32_768],
  ["mixtral-8x7b", 32_768],
  ["mixtral-8x22b", 65_536],
  ["qwen-2.5-", 32_768],
  ["phi-3-", 4096],
  ["phi-4", 16_384],
];

/** Tokens of context of a preset; undefined where the table has none. */
export function presetContext(name: string): number | undefined {
  return CONTEXTS.find(([prefix]) => name.startsWith(prefix))?.[1];
}
