import { Option, type Command } from "commander";
import type { PlanOptions } from "../serving/plan/plan.js";
import type { ServiceLimits } from "../serving/served/limits.js";
import {
  PLANNING_OPTIONS,
  type PlanningCommand,
  type PlanningOption,
} from "./planning-option-rows.js";

/** What the terminal gave, by attribute. */
type Given = Readonly<Record<string, unknown>>;

const rowsOf = (command: PlanningCommand): readonly PlanningOption[] =>
  PLANNING_OPTIONS.filter(({ of }) => of.includes(command));

function createOption(row: PlanningOption, of: PlanningCommand): Option {
  const option = new Option(row.flags, row.helpOf?.[of] ?? row.help);
  if (row.parse !== undefined) option.argParser(row.parse);
  const choices = row.choicesOf?.[of] ?? row.choices;
  if (choices !== undefined) option.choices(choices);
  if (row.preset !== undefined) option.default(row.preset);
  return option.conflicts([...(row.conflicts ?? [])]);
}

/** Declares the planning options that a command takes. */
export function addPlanningOptions(command: Command, of: PlanningCommand): Command {
  for (const row of rowsOf(of)) command.addOption(createOption(row, of));
  return command;
}

/** What was given, as `plan` takes it; limits without an objective ask for goodput. Constraints need the cluster: `readConstraints`. */
export function readPlanningOptions(given: object, of: PlanningCommand): PlanOptions {
  const own: Record<string, unknown> = {};
  const limits: Record<string, unknown> = {};
  for (const row of rowsOf(of)) {
    const value = (given as Given)[createOption(row, of).attributeName()];
    if (value === undefined || row.within === "constraints") continue;
    (row.within === "limits" ? limits : own)[row.key] = value;
  }
  const { statistic, ...most } = limits;
  if (Object.keys(most).length > 0) own["objective"] = "goodput";
  return statistic === undefined ? own : { ...own, limits: limits as unknown as ServiceLimits };
}

/** The words that give a command the same planning options again. */
export function printPlanningOptions(given: object, of: PlanningCommand): readonly string[] {
  return rowsOf(of).flatMap((row) => {
    const option = createOption(row, of);
    const value = (given as Given)[option.attributeName()];
    if (typeof value === "boolean") return value === option.negate ? [] : [option.long!];
    const values = Array.isArray(value) ? value : [value];
    return value === undefined ? [] : [option.long!, ...values.map(String)];
  });
}
