/**
 * Random clusters as cluster files, three models; a function of kind and seed alone. "mixed": 3–60 nodes, 1–6
 * machine types, 1–5 regions, thin (10–200 Mb/s) and thick (1–25 Gb/s) links. "thin": 6–40 nodes, 2–6
 * machine types, 1–5 regions, 4–125 MB/s per pair of nodes, so that a border needs many links side by side.
 */
export type ClusterKind = "mixed" | "thin";

export interface RandomClusterFile {
  readonly format: "helix-place/cluster@1";
  readonly name: string;
  readonly model: Readonly<Record<string, number | string>>;
  readonly workload: { readonly promptTokens: number; readonly outputTokens: number };
  readonly machines: Readonly<Record<string, unknown>>;
  readonly nodes: readonly {
    readonly id: string;
    readonly machine: string;
    readonly region: string;
  }[];
  readonly network: Readonly<Record<string, unknown>>;
  readonly coordinator: { readonly region: string; readonly nic: string };
}

interface ModelFigures {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly layerBytes: number;
  readonly kvBytesPerToken: number;
}

const MODELS: readonly ModelFigures[] = [
  { name: "mid-13b", layers: 40, hidden: 5120, layerBytes: 0.63e9, kvBytesPerToken: 20480 },
  { name: "large-30b", layers: 60, hidden: 6656, layerBytes: 1.08e9, kvBytesPerToken: 26624 },
  { name: "large-70b", layers: 80, hidden: 8192, layerBytes: 1.7e9, kvBytesPerToken: 4096 },
];

/** Memory in GB, memory bandwidth in GB/s, sustained TFLOP/s: of the size of common accelerators. */
const ACCELERATORS: readonly (readonly [memory: number, bandwidth: number, teraflops: number])[] = [
  [16, 300, 25],
  [24, 300, 50],
  [24, 900, 70],
  [32, 850, 55],
  [40, 1500, 140],
  [48, 800, 130],
  [80, 2000, 160],
  [80, 3000, 400],
];

const BYTES_PER_WEIGHT = 2;
const CONTEXT_TOKENS = 900;
const MOST_IN_BATCH = 256;
/** What is left of the ideal under a mixed load. */
const EFFICIENCY = 0.25;
const USABLE = 0.55;

type Draw = () => number;

/** A cluster file's content. Deterministic: the same seed gives the same cluster for ever. */
export function randomCluster(seed: number, kind: ClusterKind = "mixed"): RandomClusterFile {
  const thinLinks = kind === "thin";
  const draw = createDraw(seed);
  const model = pick(draw, MODELS);
  const nodeCount = Math.round(thinLinks ? 6 * (40 / 6) ** draw() : 3 * 20 ** draw());
  const regionCount = Math.min(1 + Math.floor(draw() * 5), nodeCount);
  const typeCount = thinLinks
    ? 2 + Math.floor(draw() * 5)
    : Math.min(1 + Math.floor(draw() * 6), nodeCount);
  const types = Array.from({ length: typeCount }, () => drawMachine(draw, model));
  const owner = Array.from({ length: nodeCount }, () => Math.floor(draw() * typeCount));
  growUntilItFits(types, owner, model);
  const machines: Record<string, unknown> = {};
  types.forEach((type, index) => {
    machines[`m${index}`] = {
      ...(type.nic === undefined ? {} : { nic: type.nic }),
      profile: { tokensPerSecond: throughputs(type, model) },
    };
  });
  const byType = draw() < 0.4;
  const nodes = owner.map((type, index) => ({
    id: `n${index}`,
    machine: `m${type}`,
    region: `r${byType ? type % regionCount : Math.floor(draw() * regionCount)}`,
  }));
  const regions = [...new Set(nodes.map(({ region }) => region))];
  const network = thinLinks ? drawThinNetwork(draw, regions) : drawNetwork(draw, nodes, regions);
  return {
    format: "helix-place/cluster@1",
    name: `random-${seed}`,
    model: {
      name: model.name,
      layers: model.layers,
      layerBytes: model.layerBytes,
      activationBytes: BYTES_PER_WEIGHT * model.hidden,
      tokenBytes: 4,
      kvBytesPerToken: model.kvBytesPerToken,
    },
    workload: { promptTokens: 700, outputTokens: 200 },
    machines,
    nodes,
    network,
    coordinator: { region: regions[0]!, nic: "10 Gb/s" },
  };
}

interface MachineFigures {
  gpus: number;
  readonly accelerator: readonly [number, number, number];
  readonly nic: string | undefined;
}

function drawMachine(draw: Draw, _model: ModelFigures): MachineFigures {
  return {
    gpus: pick(draw, [1, 1, 1, 2, 4]),
    accelerator: pick(draw, ACCELERATORS),
    nic: draw() < 0.3 ? undefined : `${pick(draw, [1, 10, 25])} Gb/s`,
  };
}

function mostLayers({ gpus, accelerator }: MachineFigures, model: ModelFigures): number {
  return Math.min(
    model.layers,
    Math.floor((gpus * accelerator[0] * 1e9 * USABLE) / model.layerBytes),
  );
}

/** Doubles the accelerators of the smallest machines until the nodes hold the model with room to spare. */
function growUntilItFits(
  types: readonly MachineFigures[],
  owner: readonly number[],
  model: ModelFigures,
): void {
  const held = (): number => owner.reduce((sum, type) => sum + mostLayers(types[type]!, model), 0);
  while (held() < 1.2 * model.layers) {
    const smallest = [...types].sort((a, b) => mostLayers(a, model) - mostLayers(b, model))[0]!;
    smallest.gpus *= 2;
  }
}

/**
 * T(k): the batch that the memory left beside k layers can serve, over the time of k layers for it:
 * reading the weights or computing, whichever takes longer, plus a fixed cost per layer.
 */
function throughputs(machine: MachineFigures, model: ModelFigures): readonly number[] {
  const [memory, bandwidth, teraflops] = machine.accelerator;
  const { gpus } = machine;
  const speedup = gpus ** 0.85;
  const parameters = model.layerBytes / BYTES_PER_WEIGHT;
  return Array.from({ length: mostLayers(machine, model) }, (_, index) => {
    const layers = index + 1;
    const free = gpus * memory * 1e9 * 0.6 - layers * model.layerBytes;
    const cached = free / (layers * model.kvBytesPerToken);
    const batch = Math.max(0.5, Math.min(MOST_IN_BATCH, cached / CONTEXT_TOKENS));
    const tokens = batch * 4;
    const compute = (2 * parameters * tokens) / (teraflops * 1e12 * speedup);
    const read = model.layerBytes / (bandwidth * 1e9 * speedup);
    const seconds = layers * (compute + read + 4e-5);
    return Math.round((EFFICIENCY * tokens * 1000) / seconds) / 1000;
  });
}

function drawNetwork(
  draw: Draw,
  nodes: RandomClusterFile["nodes"],
  regions: readonly string[],
): Readonly<Record<string, unknown>> {
  const thin = (): number => 10 * 20 ** draw();
  const thick = (): number => 1000 * 25 ** draw();
  const link = (megabits: number, latency: number): Record<string, string> => ({
    bandwidth: `${megabits.toFixed(1)} Mb/s`,
    latency: `${latency} ms`,
  });
  const thinInside = draw() < 0.1;
  const thickAcross = draw() < 0.2;
  const across = (): number => (thickAcross || draw() < 0.1 ? thick() : thin());
  const pairs = regions.flatMap((a, i) =>
    regions.slice(i + 1).map((b) => ({ between: [a, b], ...link(across(), 40) })),
  );
  const links: Record<string, unknown>[] = [];
  if (draw() < 0.3) {
    // Measured links: every pair across regions on its own, some of them in one direction only.
    const spread = thin();
    for (const a of nodes) {
      for (const b of nodes) {
        if (a.region >= b.region) continue;
        const bidirectional = draw() < 0.9;
        const megabits = thickAcross ? thick() : spread * (0.8 + 0.4 * draw());
        links.push({ from: a.id, to: b.id, bidirectional, ...link(megabits, 50) });
      }
    }
  }
  return {
    withinRegion: link(thinInside ? 20 * thin() ** 0.5 : thick(), 1),
    acrossRegions: link(thin(), 40),
    ...(pairs.length === 0 ? {} : { regions: pairs }),
    ...(links.length === 0 ? {} : { links }),
  };
}

/**
 * One width per pair of regions, 4–125 MB/s; inside a region a tenth of a gigabit to ten, or as thin as between
 * regions. The coordinator has no other links either.
 */
function drawThinNetwork(
  draw: Draw,
  regions: readonly string[],
): Readonly<Record<string, unknown>> {
  const link = (megabytes: number, latency: number): Record<string, string> => ({
    bandwidth: `${megabytes.toFixed(2)} MB/s`,
    latency: `${latency} ms`,
  });
  const thin = (): number => 4 * (125 / 4) ** draw();
  const inside = draw() < 0.3 ? thin : (): number => 12.5 * 100 ** draw();
  const pairs = regions.flatMap((a, i) =>
    regions
      .slice(i)
      .map((b) => ({ between: [a, b], ...(a === b ? link(inside(), 1) : link(thin(), 40)) })),
  );
  return { withinRegion: link(inside(), 1), acrossRegions: link(thin(), 40), regions: pairs };
}

function pick<T>(draw: Draw, from: readonly T[]): T {
  return from[Math.floor(draw() * from.length)]!;
}

/** mulberry32, with the seed spread first. Values in [0, 1). */
function createDraw(seed: number): Draw {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
