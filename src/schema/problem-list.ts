import type { Problem } from "../errors.js";
import { describeValue } from "./describe-issues.js";

/** Collects the problems of one input. */
export interface ProblemList {
  readonly problems: readonly Problem[];
  add(path: string, found: unknown, expected: string, remedy: string): void;
  addDescribed(problem: Problem): void;
}

export function createProblemList(): ProblemList {
  const problems: Problem[] = [];
  return {
    problems,
    add(path, found, expected, remedy) {
      problems.push({ path, found: describeValue(found), expected, remedy });
    },
    addDescribed(problem) {
      problems.push(problem);
    },
  };
}
