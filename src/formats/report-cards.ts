import type { Model, Workload } from "../core/model.js";
import type { MachineSpec } from "../hardware/machine-spec.js";
import { attachCapacities } from "./attach-capacities.js";
import type { MachineEntry } from "./cluster-schema.js";
import type { ProblemList } from "./problem-list.js";

/** What cards are looked at with where the file's own cannot be read: what is wrong with them does not depend on it. */
export const ANY_MODEL: Model = {
  name: "any",
  layers: 1,
  layerBytes: 1,
  activationBytes: 1,
  tokenBytes: 1,
  kvBytesPerToken: 1,
};
export const ANY_WORKLOAD: Workload = { name: "any", promptTokens: 1, outputTokens: 1 };

/** What is left of a cluster file without what is broken in it. */
interface Salvaged {
  readonly machines?: Readonly<Record<string, Pick<MachineEntry, "cards"> | undefined>> | undefined;
  readonly gpus?: object | undefined;
}

/** What is wrong with the cards of machines, where the figures of others, the model or the network are. */
export function reportCards(
  { machines = {}, gpus = {} }: Salvaged,
  specs: readonly (MachineSpec | undefined)[],
  { counts, ...context }: Parameters<typeof attachCapacities>[1],
  list: ProblemList,
): void {
  const entries = Object.values(machines);
  const own = specs.flatMap((spec, at) =>
    spec === undefined || entries[at]?.cards !== undefined ? [] : [[spec, counts[at]!] as const],
  );
  const whole = own.map(([spec]) => spec);
  const used = own.map(([, count]) => count);
  attachCapacities(whole, { ...context, counts: used }, Object.keys(gpus), list);
}
