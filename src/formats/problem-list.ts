import type { Problem } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import { describeValue } from "./describe-issues.js";

/** Collects the problems of one input. */
export interface ProblemList {
  readonly problems: readonly Problem[];
  add(path: string, found: unknown, expected: string, remedy: string): void;
  addDescribed(problem: Problem): void;
  /**
   * `Did you mean "x"?`, or `otherwise` when no candidate is near, or when so many suggestions were
   * asked for already that nobody will read this one.
   */
  suggest(word: string, candidates: Iterable<string>, otherwise: string): string;
}

/** Candidates compared in all for the suggestions of one input. */
const MOST_COMPARISONS = 100_000;

export function createProblemList(): ProblemList {
  const problems: Problem[] = [];
  let comparisons = 0;
  return {
    problems,
    add(path, found, expected, remedy) {
      problems.push({ path, found: describeValue(found), expected, remedy });
    },
    addDescribed(problem) {
      problems.push(problem);
    },
    suggest(word, candidates, otherwise) {
      if (comparisons >= MOST_COMPARISONS) return otherwise;
      const names = [...candidates];
      comparisons += names.length;
      const nearest = nearestNames(word, names)[0];
      return nearest === undefined ? otherwise : `Did you mean "${nearest}"?`;
    },
  };
}
