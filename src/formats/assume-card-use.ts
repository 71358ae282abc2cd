import type { Assumption } from "../core/model.js";
import type { Engine } from "../engines/engine.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { Gpu } from "../hardware/gpu.js";
import { assumeCardWeights } from "./assume-card-weights.js";
import type { MachineEntry } from "./cluster-schema.js";
import { formatPath } from "./describe-issues.js";

type Entry = Pick<MachineEntry, "gpu" | "cards" | "profile">;
type Assume = (assumption: Assumption) => void;

/** Says what the engine makes of a machine's cards otherwise than it is planned with. */
export function assumeCardUse(
  name: string,
  entry: Entry,
  gpus: readonly Gpu[],
  rules: Parameters<typeof assumeCardWeights>[3],
  assume: Assume,
): void {
  assumeCardWeights(name, entry, gpus, rules, assume);
  assumeMacsAlone(name, entry, rules.engine, assume);
}

/** Says it of a machine whose cards the engine leaves idle, where their figures are estimated. */
function assumeMacsAlone(name: string, entry: Entry, engine: Engine, assume: Assume): void {
  if (engine.macsAlone !== true || entry.profile !== undefined) return;
  const named = (entry.cards ?? [entry]).flatMap(({ gpu }) => gpu ?? []);
  const idle = named
    .flatMap((gpu) => findGpu(gpu) ?? [])
    .find(({ homeOnly, unifiedMemory }) => homeOnly !== true || unifiedMemory !== true);
  if (idle === undefined) return;
  assume({
    what: `${engine.title} computes on the processor alone under Linux: only Macs use their GPUs`,
    where: formatPath(["machines", name]),
    effect: `${formatPath(["machines", name])} is counted with the figures of ${idle.name}, so far less is served there: --drain, or an engine that uses it (llama.cpp)`,
  });
}
