import type { MachineSpec } from "../hardware/machine-spec.js";
import { attachCapacities } from "./attach-capacities.js";
import type { MachineEntry } from "./cluster-schema.js";
import type { ProblemList } from "./problem-list.js";

/** What is left of a cluster file without what is broken in it. */
interface Salvaged {
  readonly machines?: Readonly<Record<string, Pick<MachineEntry, "cards"> | undefined>> | undefined;
  readonly gpus?: object | undefined;
}

/** What is wrong with the cards of machines, where the figures of others are wrong. */
export function reportCards(
  { machines = {}, gpus = {} }: Salvaged,
  specs: readonly (MachineSpec | undefined)[],
  context: Omit<Parameters<typeof attachCapacities>[1], "counts">,
  list: ProblemList,
): void {
  const entries = Object.values(machines);
  const whole = specs.flatMap((spec, at) => (entries[at]?.cards === undefined ? (spec ?? []) : []));
  attachCapacities(whole, { ...context, counts: whole.map(() => 1) }, Object.keys(gpus), list);
}
