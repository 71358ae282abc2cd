import { InputError } from "../../core/errors.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { detectRegions } from "../graph/region-detection.js";
import { groupMachines } from "../problem/machine-classes.js";
import type { PlanningProblem } from "../problem/problem.js";
import { findMismatch, listUsableNodes } from "../problem/strategy-needs.js";
import type { Schedule } from "./schedule.js";
import {
  rowOf,
  STRATEGY_NAMES,
  type StrategyChoice,
  type StrategyName,
  type StrategyRow,
} from "./strategies.js";

/**
 * What to run for a problem: everything that suits it, or one strategy with the free bounds.
 * @throws InputError if the one asked for has nothing to say of such a problem.
 */
export function chooseSchedule(problem: PlanningProblem, choice: StrategyChoice): Schedule {
  const suiting = STRATEGY_NAMES.filter(
    (name) => findMismatch(rowOf(name).needs, problem) === undefined,
  );
  const inPhase = (phase: StrategyRow["phase"]): readonly StrategyName[] =>
    suiting.filter((name) => rowOf(name).phase === phase);
  const bounds = inPhase("bounds");
  if (choice !== "portfolio") {
    checkSuits(choice, problem);
    // What improves placements needs one to start from.
    const starts = rowOf(choice).phase === "improvements" ? inPhase("starts") : [];
    const models = [...bounds.filter((name) => name !== choice), choice];
    return { starts, models, firstModels: models.length, improvements: [], alone: true };
  }
  const nodes = listUsableNodes(problem).length;
  const first = suiting.filter((name) => nodes <= (rowOf(name).firstUpTo ?? 0));
  const others = inPhase("models").filter((name) => !first.includes(name));
  const parted = hasSeveralRegions(problem);
  const late = others.filter((name) => parted && !rowOf(name).seesNetwork);
  const early = [...bounds, ...first, ...others.filter((name) => !late.includes(name))];
  const improvements = inPhase("improvements");
  return {
    starts: inPhase("starts"),
    models: [...early, ...late],
    firstModels: early.length,
    improvements,
    ...(parted && improvements.includes("local-search") ? { lead: "local-search" } : {}),
    steady: suiting.filter((name) => nodes <= (rowOf(name).steadyUpTo ?? 0)),
  };
}

function checkSuits(name: StrategyName, problem: PlanningProblem): void {
  const mismatch = findMismatch(rowOf(name).needs, problem);
  if (mismatch === undefined) return;
  const remedy = "Leave the option out: all strategies that suit the problem are then tried.";
  throw new InputError(`--strategy ${name}`, [{ path: "", ...mismatch, remedy }]);
}

/** Whether links narrower than what could use them part the nodes. */
function hasSeveralRegions({ cluster, constraints }: PlanningProblem): boolean {
  const flowBound = truncatedSumBound(groupMachines(cluster, constraints), cluster.model.layers);
  return detectRegions(cluster, { flowBound }).count > 1;
}
