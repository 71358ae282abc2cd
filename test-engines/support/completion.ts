import type { Started } from "./programs.js";

/** How many tokens a server counts in a completion. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

const SECONDS = 240;

/** One completion of an OpenAI-compatible server; the ends of all logs where it fails. */
export async function complete(
  url: string,
  request: object,
  programs: readonly Started[],
): Promise<Usage> {
  const response = await fetch(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      prompt: "One, two, three",
      max_tokens: 8,
      ignore_eos: true,
      ...request,
    }),
    signal: AbortSignal.timeout(1000 * SECONDS),
  });
  const text = await response.text();
  if (!response.ok) {
    const logs = programs.map(({ log }) => log().slice(-6000)).join("\n--- next log\n");
    throw new Error(`${response.status} ${text}\n${logs}`);
  }
  return (JSON.parse(text) as { readonly usage: Usage }).usage;
}
