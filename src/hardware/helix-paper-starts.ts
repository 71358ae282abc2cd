/** Where the published computation of the typical throughput starts, by machine. */
export interface PublishedStart {
  readonly layers: number;
  readonly throughput: number;
}

/**
 * The public Helix artifact (Apache-2.0) starts its ten rounds from these figures. The rounds do
 * not converge, so its tables can only be had from its own start. Per machine [typical layers,
 * relative throughput].
 */
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  "llama-2-70b": {
    a100: [8, 80],
    v100: [3, 40],
    l4: [4, 20],
    l4x2: [9, 30],
    t4: [3, 12.5],
    t4x2: [6, 20],
    t4x4: [12, 30],
  },
  "llama-30b": {
    a100: [12, 48],
    v100: [4, 25],
    l4: [8, 9],
    l4x2: [14, 15],
    t4: [4, 8],
    t4x2: [10, 15],
    t4x4: [20, 23],
  },
};

/** The published start for a machine, known by its name or by its GPU and how many it has. */
export function findPublishedStart(
  model: string,
  machine: { readonly name: string; readonly gpu?: string; readonly gpus: number },
): PublishedStart | undefined {
  const starts = Object.hasOwn(PUBLISHED, model) ? PUBLISHED[model]! : {};
  const card = machine.gpu?.toLowerCase().split("-")[0] ?? "";
  const keys = [machine.name.toLowerCase(), machine.gpus === 1 ? card : `${card}x${machine.gpus}`];
  const key = keys.find((candidate) => Object.hasOwn(starts, candidate));
  if (key === undefined) return undefined;
  const [layers, throughput] = starts[key]!;
  return { layers, throughput };
}
