import type { Assumption, Model } from "../core/model.js";
import type { Engine } from "../engines/engine.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { Gpu } from "../hardware/gpu.js";
import type { MachineEntry } from "./cluster-schema.js";
import { formatPath } from "./describe-issues.js";

/** Says it of a machine whose card the engine has no code on for weights as the model's are stored. */
export function assumeCardWeights(
  name: string,
  entry: Pick<MachineEntry, "gpu" | "cards">,
  gpus: readonly Gpu[],
  { model: { quantization }, engine }: { readonly model: Model; readonly engine: Engine },
  assume: (assumption: Assumption) => void,
): void {
  if (quantization === undefined || engine.notOnVolta?.includes(quantization) !== true) return;
  const named = (entry.cards ?? [entry]).flatMap(({ gpu }) => gpu ?? []);
  const old = named.flatMap((gpu) => findGpu(gpu, gpus) ?? []).find(({ volta }) => volta === true);
  if (old === undefined) return;
  assume({
    what: `${engine.title} runs no ${quantization} weights on ${old.name} (compute capability 7.0), by its documentation`,
    where: formatPath(["machines", name]),
    effect: `planned with, and may not start there: weights of another type (gptq), --drain, or an engine that runs them`,
  });
}
