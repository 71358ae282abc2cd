import type { Random } from "../../core/random.js";
import type { Lengths } from "../../model/lengths.js";

/** What the steady-state model needs to know of the requests. Tokens. */
export interface RequestMeans {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Mean prompt of the requests under way: a request stays in proportion to its output. */
  readonly residentPromptTokens: number;
  /** Mean square of the prompt: what queueing behind prompts depends on. */
  readonly promptSquare: number;
}

const DRAWS = 20_000;

/** The means of a sample. O(1): 20,000 draws. */
export function measureRequests(lengths: Lengths, random: Random): RequestMeans {
  let prompts = 0;
  let outputs = 0;
  let products = 0;
  let squares = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    lengths.draw(random);
    prompts += lengths.promptTokens;
    outputs += lengths.outputTokens;
    products += lengths.promptTokens * lengths.outputTokens;
    squares += lengths.promptTokens ** 2;
  }
  return {
    promptTokens: prompts / DRAWS,
    outputTokens: outputs / DRAWS,
    residentPromptTokens: outputs > 0 ? products / outputs : prompts / DRAWS,
    promptSquare: squares / DRAWS,
  };
}
