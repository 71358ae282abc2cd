import { strategyChoices } from "../../src/planner/portfolio/strategies.js";
import { BASELINES } from "../../src/planner/starts/baselines.js";
import type { Choices } from "./draw-instance.js";

/** What the program offers to choose from. */
export function choices(): Choices {
  return {
    strategies: strategyChoices().filter((name) => name !== "portfolio"),
    baselines: BASELINES.map(({ name }) => name),
  };
}
