import type { Placement } from "../core/placement.js";
import type { MixProblem } from "./mix-problem.js";

/** What planning a mix came to. */
export interface MixEvaluation {
  /** Tokens/s of the placement found; 0 when none was. */
  readonly throughput: number;
  /** No placement on this mix carries more. */
  readonly upperBound: number;
}

/** A mix that was planned. */
export interface EvaluatedMix extends MixEvaluation {
  readonly counts: readonly number[];
  readonly pricePerHour: number;
}

/** What is known before a mix is planned. */
export interface MixHints {
  /** A placement to start from. */
  readonly start?: Placement;
  /** More tokens/s than this are of no use: planning may end there. */
  readonly enough: number;
}

/** What the searches need of the world. */
export interface MixSearchPorts {
  /** Plans a mix, at the capacities the search believes in. */
  readonly evaluate: (counts: readonly number[], hints: MixHints) => Promise<MixEvaluation>;
  readonly shouldStop: () => boolean;
  readonly onProgress?: (progress: MixProgress) => void;
}

export interface MixProgress {
  readonly best: EvaluatedMix | undefined;
  /** Tokens/s (budget) or dollars per hour (target) that no mix beats. */
  readonly bound: number;
}

/** Every mix planned so far, each once. */
export interface MixLog {
  evaluate(counts: readonly number[], hints: MixHints): Promise<EvaluatedMix>;
  readonly all: readonly EvaluatedMix[];
}

export function createMixLog(problem: MixProblem, ports: MixSearchPorts): MixLog {
  const byKey = new Map<string, EvaluatedMix>();
  const all: EvaluatedMix[] = [];
  return {
    all,
    async evaluate(counts, hints) {
      const known = byKey.get(counts.join());
      if (known !== undefined) return known;
      const pricePerHour = problem.offers.reduce(
        (sum, offer, index) => sum + offer.pricePerHour * counts[index]!,
        0,
      );
      const mix = { counts, pricePerHour, ...(await ports.evaluate(counts, hints)) };
      byKey.set(counts.join(), mix);
      all.push(mix);
      return mix;
    },
  };
}

/** The regions that offers name, each once. */
export function regionsOf(problem: MixProblem): readonly string[] {
  return [...new Set(problem.offers.map(({ region }) => region))];
}
