import type { Random } from "../../core/random.js";

/** Draws the prompt and output tokens of requests. */
export interface Lengths {
  readonly name: string;
  readonly meanPromptTokens: number;
  readonly meanOutputTokens: number;
  /** Draws one request into `promptTokens` and `outputTokens`. */
  draw(random: Random): void;
  promptTokens: number;
  outputTokens: number;
}

/** A kind of request: normal around its means, cut to the workload's range. */
interface RequestKind {
  readonly weight: number;
  readonly prompt: readonly [mean: number, deviation: number];
  readonly output: readonly [mean: number, deviation: number];
}

export interface LengthMixture {
  readonly name: string;
  readonly promptRange: readonly [least: number, most: number];
  readonly outputRange: readonly [least: number, most: number];
  readonly kinds: readonly RequestKind[];
}

const PROBE_DRAWS = 20_000;
const PROBE_SEED = 1;

/** Lengths from a mixture of kinds of requests. The means are those of a fixed sample of it. */
export function createLengths(
  mixture: LengthMixture,
  createRandom: (seed: number) => Random,
): Lengths {
  const total = mixture.kinds.reduce((sum, kind) => sum + kind.weight, 0);
  const draws: Lengths = {
    name: mixture.name,
    meanPromptTokens: 0,
    meanOutputTokens: 0,
    promptTokens: 0,
    outputTokens: 0,
    draw(random) {
      let rest = random.next() * total;
      let kind = mixture.kinds[0]!;
      for (const candidate of mixture.kinds) {
        kind = candidate;
        rest -= candidate.weight;
        if (rest < 0) break;
      }
      draws.promptTokens = drawCount(random, kind.prompt, mixture.promptRange);
      draws.outputTokens = drawCount(random, kind.output, mixture.outputRange);
    },
  };
  const probe = createRandom(PROBE_SEED);
  let prompts = 0;
  let outputs = 0;
  for (let draw = 0; draw < PROBE_DRAWS; draw += 1) {
    draws.draw(probe);
    prompts += draws.promptTokens;
    outputs += draws.outputTokens;
  }
  return Object.assign(draws, {
    meanPromptTokens: prompts / PROBE_DRAWS,
    meanOutputTokens: outputs / PROBE_DRAWS,
  });
}

function drawCount(
  random: Random,
  [mean, deviation]: readonly [number, number],
  [least, most]: readonly [number, number],
): number {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const count = Math.round(mean + deviation * random.normal());
    if (count >= least && count <= most) return count;
  }
  return Math.min(most, Math.max(least, Math.round(mean)));
}
