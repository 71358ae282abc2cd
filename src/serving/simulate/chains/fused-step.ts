import { machineOf, type Cluster } from "../../../core/cluster.js";
import { InputError } from "../../../core/errors.js";
import { createLayerTime } from "../../../engines/timing.js";

/** Seconds of one layer for a batch of so many prompt tokens and decodes. */
export type FusedLayerTime = (promptTokens: number, decodes: number) => number;

/**
 * One pass over a layer for prompts and decodes together. The products of all tokens are made at once,
 * so weights are read once: the prompt curve at p + d tokens. What a decode costs beyond that is the
 * reading of its KV: the decode curve less the prompt curve at d. With no prompts that is the decode
 * curve, with no decodes the prompt curve.
 * @throws InputError when the node's machine has no timing curves.
 */
export function createFusedLayerTime(
  cluster: Cluster,
  node: number,
  overheadSeconds: number,
): FusedLayerTime {
  const machine = machineOf(cluster, node);
  const { curves } = machine.capacity;
  if (curves === undefined) {
    throw new InputError(cluster.name, [
      {
        path: `machines.${machine.name}.profile`,
        found: "no promptSeconds and decodeSeconds",
        expected: "measured curves, or a GPU of the catalogue to estimate them from",
        remedy: "Tokens per second alone say nothing of batches: give the curves, or name the gpu.",
      },
    ]);
  }
  const together = createLayerTime(curves.promptSeconds);
  const decode = createLayerTime(curves.decodeSeconds);
  return (promptTokens, decodes) =>
    together(promptTokens + decodes) +
    Math.max(0, decode(decodes) - together(decodes)) +
    overheadSeconds;
}
