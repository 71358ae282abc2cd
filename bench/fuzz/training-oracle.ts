import type { RawJob, TrainingQuestion } from "./training-question.js";

/**
 * What training costs, worked out from docs/training.md by trying every cut and every order of nodes. Shares
 * nothing with the program.
 */

/** Degrees of parallelism and samples of a micro-batch. */
export interface Degrees {
  readonly micro: number;
  readonly tensor: number;
  readonly data: number;
  readonly pipeline: number;
}

/** Every way to share GPUs and batch out that the job's times allow. */
export function listDegrees({ cluster, model, globalBatch }: RawJob): readonly Degrees[] {
  const used = cluster.nodes.map(({ machine }) => cluster.machines[machine]!);
  const gpus = used.reduce((sum, machine) => sum + machine.gpus, 0);
  const all: Degrees[] = [];
  for (let tensor = 1; tensor <= gpus; tensor++) {
    const timed = Object.values(cluster.machines).every(
      ({ forwardSeconds }) => String(tensor) in forwardSeconds,
    );
    if (!timed || used.some((machine) => machine.gpus % tensor !== 0)) continue;
    for (let data = 1; data <= gpus / tensor; data++) {
      const pipeline = gpus / tensor / data;
      if (!Number.isInteger(pipeline) || pipeline > model.layers.length) continue;
      if (globalBatch % data !== 0) continue;
      const share = globalBatch / data;
      for (let micro = 1; micro <= share; micro++)
        if (share % micro === 0) all.push({ micro, tensor, data, pipeline });
    }
  }
  return all;
}

/** Seconds of an iteration under a cut (layers per stage) and an order of nodes; Infinity where it is no plan. */
export function costOf(
  { job, timing, respectMemory }: TrainingQuestion,
  { micro, tensor, data, pipeline }: Degrees,
  counts: readonly number[],
  order: readonly number[],
): number {
  const { layers } = job.model;
  const machineOf = (node: number) => job.cluster.machines[job.cluster.nodes[node]!.machine]!;
  const owners = order.flatMap((node) => Array.from({ length: machineOf(node).gpus }, () => node));
  const owner = (stage: number, replica: number, part: number): number =>
    owners[stage * data * tensor + replica * tensor + part]!;
  const speed = (a: number, b: number): number =>
    a === b ? machineOf(a).intraBandwidth : Math.min(machineOf(a).nic, machineOf(b).nic);
  const passes = job.memory.recompute ? 4 : 3;
  const scale = job.fixedShare + (1 - job.fixedShare) * micro;
  const secondsOn = (node: number, layer: number): number =>
    passes * scale * machineOf(node).forwardSeconds[tensor]![layer]!;
  const mean = (layer: number): number =>
    owners.reduce((sum, node) => sum + secondsOn(node, layer), 0) / owners.length;
  const batches = job.globalBatch / data / micro;
  let [slowest, fill, borders, sync, from] = [0, 0, 0, 0, 0];
  const hasBlocks = layers.some(({ kind }) => kind === "block");
  for (const [stage, count] of counts.entries()) {
    const held = Array.from({ length: count }, (_, at) => from + at);
    from += count;
    const nodes = Array.from({ length: data * tensor }, (_, at) => owner(stage, 0, at));
    const parameters = held.reduce((sum, at) => {
      const { tie } = layers[at]!;
      const twice = tie !== undefined && held.some((one) => one < at && layers[one]!.tie === tie);
      return twice ? sum : sum + layers[at]!.parameters / tensor;
    }, 0);
    if (held.every((at) => layers[at]!.parameters === 0)) return Infinity;
    if (stage === 0 && hasBlocks && held.every((at) => layers[at]!.kind !== "block"))
      return Infinity;
    if (respectMemory) {
      const needed = memoryOf(job, { micro, tensor, data, pipeline }, held, parameters, {
        flying: Math.min(batches, pipeline - stage),
      });
      const room = Math.min(...nodes.map((node) => machineOf(node).memory));
      if (needed > room * (1 - job.memory.reservedFraction)) return Infinity;
    }
    const time =
      timing === "average"
        ? held.reduce((sum, at) => sum + mean(at), 0)
        : Math.max(...nodes.map((node) => held.reduce((sum, at) => sum + secondsOn(node, at), 0)));
    slowest = Math.max(slowest, time);
    fill += time;
    if (stage < pipeline - 1) {
      const last = layers[from - 1]!;
      const elements = (micro * last.outputElements) / (last.outputSplit ? tensor : 1);
      for (let replica = 0; replica < data; replica++) {
        const parts = Array.from({ length: tensor }, (_, part) =>
          speed(owner(stage, replica, part), owner(stage + 1, replica, part)),
        );
        borders += (elements * job.elementBytes) / Math.min(...parts) / data;
      }
    }
    for (let part = 0; part < tensor; part++) {
      const ring = Array.from({ length: data }, (_, replica) =>
        speed(owner(stage, replica, part), owner(stage, (replica + 1) % data, part)),
      );
      const bytes = ((2 * (data - 1)) / data) * parameters * job.elementBytes;
      sync = Math.max(sync, bytes / Math.min(...ring));
    }
  }
  return (batches - 1) * slowest + fill + borders + sync;
}

function memoryOf(
  { model, memory }: RawJob,
  { micro, tensor, data }: Degrees,
  held: readonly number[],
  parameters: number,
  { flying }: { readonly flying: number },
): number {
  const { weightBytes, gradientBytes, optimizerBytes, zeroStage, recompute } = memory;
  const perParameter =
    weightBytes / (zeroStage === 3 ? data : 1) +
    gradientBytes / (zeroStage >= 2 ? data : 1) +
    optimizerBytes / (zeroStage >= 1 ? data : 1);
  let kept = 0;
  let again = 0;
  for (const at of held) {
    const { kind, savedBytes, savedSplitBytes, checkpointBytes } = model.layers[at]!;
    const whole = savedBytes + savedSplitBytes / tensor;
    const anew = recompute && kind === "block";
    kept += anew ? checkpointBytes : whole;
    if (anew) again = Math.max(again, whole);
  }
  return parameters * perParameter + micro * (kept * flying + again);
}

/** The least seconds of the degrees over every cut and every order of nodes; Infinity where there is no plan. */
export function leastSeconds(question: TrainingQuestion, degrees: Degrees): number {
  const nodes = question.job.cluster.nodes.map((_, at) => at);
  const orders = question.nodeOrder === "given" ? [nodes] : permutations(nodes);
  let least = Infinity;
  for (const counts of cuts(question.job.model.layers.length, degrees.pipeline))
    for (const order of orders) least = Math.min(least, costOf(question, degrees, counts, order));
  return least;
}

function cuts(layers: number, stages: number): readonly (readonly number[])[] {
  if (stages === 1) return [[layers]];
  return Array.from({ length: layers - stages + 1 }, (_, at) => at + 1).flatMap((first) =>
    cuts(layers - first, stages - 1).map((rest) => [first, ...rest]),
  );
}

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}
