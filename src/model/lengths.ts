import { createRandom, type Random } from "../core/random.js";
import { remember } from "../core/remember.js";

/** Draws the prompt and output tokens of requests. */
export interface Lengths {
  readonly name: string;
  readonly meanPromptTokens: number;
  readonly meanOutputTokens: number;
  /** Draws one request into `promptTokens` and `outputTokens`. */
  draw(random: Random): void;
  /**
   * The same in a stream whose means come near those of the workload soon: kinds in their shares, and around
   * each kind's means every request followed by its mirror image. Each call draws the next one.
   */
  createStream(random: Random): () => void;
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
export function createLengths(mixture: LengthMixture): Lengths {
  const total = mixture.kinds.reduce((sum, kind) => sum + kind.weight, 0);
  // Most who draw do not ask for the means, and the sample takes milliseconds.
  let means: Means | undefined;
  const draws: Lengths = {
    name: mixture.name,
    get meanPromptTokens() {
      return (means ??= meansOf(mixture)).prompt;
    },
    get meanOutputTokens() {
      return (means ??= meansOf(mixture)).output;
    },
    promptTokens: 0,
    outputTokens: 0,
    draw(random) {
      const kind = kindAt(mixture, random.next() * total);
      draws.promptTokens = drawCount(random, kind.prompt, mixture.promptRange);
      draws.outputTokens = drawCount(random, kind.output, mixture.outputRange);
    },
    createStream(random) {
      let at = random.next();
      const mirrored = new Map<RequestKind, readonly [number, number]>();
      return () => {
        at = (at + GOLDEN) % 1;
        const kind = kindAt(mixture, at * total);
        const before = mirrored.get(kind);
        const [prompt, output] = before ?? [random.normal(), random.normal()];
        if (before === undefined) mirrored.set(kind, [-prompt, -output]);
        else mirrored.delete(kind);
        draws.promptTokens = countAt(random, prompt, kind.prompt, mixture.promptRange);
        draws.outputTokens = countAt(random, output, kind.output, mixture.outputRange);
      };
    },
  };
  return draws;
}

interface Means {
  readonly prompt: number;
  readonly output: number;
}

/** Remembered: every simulation of a plan asks for the same ones, and short ones took half their time for it. */
const meansOf = remember(sampleMeans, (mixture) => JSON.stringify(mixture));

function sampleMeans(mixture: LengthMixture): Means {
  const sample = createLengths(mixture);
  const probe = createRandom(PROBE_SEED);
  let [prompts, outputs] = [0, 0];
  for (let draw = 0; draw < PROBE_DRAWS; draw += 1) {
    sample.draw(probe);
    prompts += sample.promptTokens;
    outputs += sample.outputTokens;
  }
  return { prompt: prompts / PROBE_DRAWS, output: outputs / PROBE_DRAWS };
}

/** Steps by this share of the whole fall nowhere twice, and evenly (Weyl, 1916). */
export const GOLDEN = (Math.sqrt(5) - 1) / 2;

function kindAt({ kinds }: LengthMixture, weight: number): RequestKind {
  let rest = weight;
  for (const kind of kinds) {
    rest -= kind.weight;
    if (rest < 0) return kind;
  }
  return kinds.at(-1)!;
}

/** So many deviations from the mean; drawn anew where that is out of range. */
function countAt(
  random: Random,
  deviations: number,
  around: readonly [number, number],
  range: readonly [number, number],
): number {
  const count = Math.round(around[0] + around[1] * deviations);
  return count >= range[0] && count <= range[1] ? count : drawCount(random, around, range);
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
