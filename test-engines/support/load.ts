import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../../src/core/random.js";
import type { Arrival } from "../../src/serving/simulate/traffic.js";

/** What clients saw. Means; a token's time is that between two of one request. */
export interface Seen {
  readonly decodeTokensPerSecond: number;
  readonly firstTokenSeconds: number;
  readonly tokenSeconds: number;
}

/** Requests at random moments, about `perSecond` of them, with half to one and a half times the mean lengths. */
export function drawRequests(
  count: number,
  perSecond: number,
  [promptTokens, outputTokens]: readonly [prompt: number, output: number],
): readonly Arrival[] {
  const random = createRandom(7);
  const around = (mean: number): number => Math.round(mean * (0.5 + random.next()));
  let at = 0;
  return Array.from({ length: count }, (_, index) => {
    if (index > 0) at += -Math.log(1 - random.next()) / perSecond;
    return {
      atSeconds: at,
      promptTokens: around(promptTokens),
      outputTokens: around(outputTokens),
    };
  });
}

/** As a trace that `simulate --trace` reads. */
export function asTrace(requests: readonly Arrival[]): string {
  const start = Date.UTC(2026, 0, 1);
  const lines = requests.map(({ atSeconds, promptTokens, outputTokens }) => {
    const time = new Date(start + 1000 * atSeconds)
      .toISOString()
      .replace("T", " ")
      .replace("Z", "");
    return `${time},${promptTokens},${outputTokens}`;
  });
  return ["TIMESTAMP,ContextTokens,GeneratedTokens", ...lines, ""].join("\n");
}

/** The letter "a", which every answer consists of: some tokens alone are no text, and come late. */
const LETTER = 100;
const BIAS = 100;
const PROMPT_FROM = 3;
const PROMPT_KINDS = 256;
const SECONDS = 600;

/**
 * Sends the requests when they are due, each with a prompt of its own, and reads the answers as they stream.
 * A request for n output tokens takes n + 1: its first one comes out of the prompt.
 */
export async function loadServer(
  url: string,
  model: string,
  requests: readonly Arrival[],
): Promise<Seen> {
  // Never a prompt twice: engines keep what they have computed.
  const random = createRandom(performance.now());
  const start = performance.now();
  const answers = await Promise.all(
    requests.map(async ({ atSeconds, promptTokens, outputTokens }) => {
      const prompt = Array.from(
        { length: promptTokens },
        () => PROMPT_FROM + Math.floor(random.next() * PROMPT_KINDS),
      );
      await sleep(1000 * atSeconds);
      const sent = performance.now();
      const times = await stream(`${url}/v1/completions`, {
        model,
        prompt,
        max_tokens: outputTokens + 1,
        temperature: 0,
        ignore_eos: true,
        stream: true,
        logit_bias: { [LETTER]: BIAS },
      });
      const [first, last] = [times[0]!, times.at(-1)!];
      return { wait: first - sent, decode: last - first, outputTokens, last };
    }),
  );
  const sum = (of: (answer: (typeof answers)[number]) => number): number =>
    answers.reduce((total, answer) => total + of(answer), 0);
  const tokens = sum(({ outputTokens }) => outputTokens);
  const seconds = (Math.max(...answers.map(({ last }) => last)) - start) / 1000;
  return {
    decodeTokensPerSecond: tokens / seconds,
    firstTokenSeconds: sum(({ wait }) => wait) / 1000 / answers.length,
    tokenSeconds: sum(({ decode }) => decode) / 1000 / tokens,
  };
}

/** When pieces of the answer came, milliseconds of the process's clock. */
async function stream(url: string, request: object): Promise<readonly number[]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(1000 * SECONDS),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const times: number[] = [];
  const decoder = new TextDecoder();
  for await (const bytes of response.body!) {
    const now = performance.now();
    if (/"text": ?"[^"]/.test(decoder.decode(bytes, { stream: true }))) times.push(now);
  }
  if (times.length < 2) throw new Error(`an answer in ${times.length} pieces`);
  return times;
}
