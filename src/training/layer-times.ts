import { divisorsOf } from "./divisors.js";
import { rooflineSeconds, type LayerWork, type MachineRates } from "./roofline-times.js";
import type { LayerTimes } from "./training-job.js";

/** Forward seconds by tensor-parallel degree, then by micro-batch, of every layer. */
export type MeasuredSeconds = ReadonlyMap<number, ReadonlyMap<number, readonly number[]>>;

/** Where the times of a machine type come from. */
export type TimeSource =
  | { readonly kind: "measured"; readonly seconds: MeasuredSeconds }
  | {
      readonly kind: "roofline";
      readonly rates: MachineRates;
      readonly work: readonly LayerWork[];
    };

/**
 * Layer times from one source per machine type. A measured micro-batch is taken as it stands; others
 * follow t(m) = t(1)·(α + (1 − α)·m), so α = 0 is AMP's proportional law.
 * @param gpus GPUs of each machine type, which bound the roofline's tensor degrees.
 * @param fixedShare α in [0, 1).
 */
export function buildLayerTimes(
  sources: readonly TimeSource[],
  gpus: readonly number[],
  fixedShare: number,
): LayerTimes {
  const degrees = sources.map((source, machine) =>
    source.kind === "measured" ? [...source.seconds.keys()] : divisorsOf(gpus[machine]!),
  );
  const tensorDegrees = [...new Set(degrees.flat())]
    .filter((degree) => degrees.every((own) => own.includes(degree)))
    .sort((a, b) => a - b);
  return {
    tensorDegrees,
    estimated: sources.flatMap(({ kind }, machine) => (kind === "roofline" ? [machine] : [])),
    forwardSeconds: (machine, tensorParallel, microBatch) => {
      const source = sources[machine]!;
      if (source.kind === "roofline") {
        return source.work.map((work) =>
          rooflineSeconds(work, source.rates, tensorParallel, microBatch),
        );
      }
      const measured = source.seconds.get(tensorParallel)!;
      const exact = measured.get(microBatch);
      if (exact !== undefined) return exact;
      const factor = fixedShare + (1 - fixedShare) * microBatch;
      return measured.get(1)!.map((seconds) => seconds * factor);
    },
  };
}

/** The same times with AMP's law: a micro-batch of m samples takes m times one sample. */
export function proportionalTimes(times: LayerTimes): LayerTimes {
  return {
    ...times,
    forwardSeconds: (machine, tensorParallel, microBatch) =>
      times.forwardSeconds(machine, tensorParallel, 1).map((seconds) => microBatch * seconds),
  };
}
