import { InputError, type Problem } from "../../core/errors.js";
import { listsAfter, optionValue, readWords } from "./launch-words.js";
import { listManifests } from "./placement-manifests.js";
import type { ImportFile, PlacementEntry } from "./placement-entries.js";
import { listStageComments, type StageComment } from "./stage-comments.js";

/** What one engine was started with. */
export interface Launch {
  readonly source: string;
  readonly partition: readonly number[];
  /** Who has which rank, where the file says so itself. */
  readonly stages: readonly StageComment[];
}

/** How the stages of an engine are written. */
export interface PartitionFormat {
  /** What stands before the list of layers. */
  readonly name: RegExp;
  /** Options that say how many stages there are, where no list is given. */
  readonly depth: readonly string[];
  /** Layers of each stage then; undefined where the engine's rule is not known. */
  readonly even: (layers: number, stages: number) => readonly number[] | undefined;
}

/** vLLM gives what remains to the stages before the last, from the end. */
function evenVllm(layers: number, stages: number): readonly number[] {
  const remaining = layers % stages;
  return Array.from({ length: stages }, (_, stage) => {
    const fromEnd = stages - stage;
    const extra = fromEnd >= 2 && fromEnd < remaining + 2 ? 1 : 0;
    return Math.floor(layers / stages) + extra;
  });
}

function evenOnly(layers: number, stages: number): readonly number[] | undefined {
  return layers % stages === 0 ? Array.from({ length: stages }, () => layers / stages) : undefined;
}

export const PARTITION_FORMATS = {
  vllm: {
    name: /\bVLLM_PP_LAYER_PARTITION\b/,
    depth: ["--pipeline-parallel-size", "-pp", "pipeline_parallel_size:"],
    even: evenVllm,
  },
  sglang: {
    name: /\bSGLANG_PP_LAYER_PARTITION\b/,
    depth: ["--pipeline-parallel-size", "--pp-size"],
    even: evenOnly,
  },
  "tensorrt-llm": {
    name: /\bpp_partition\b/,
    depth: ["pipeline_parallel_size:", "--pp_size", "--pp"],
    even: evenOnly,
  },
} as const satisfies Readonly<Record<string, PartitionFormat>>;

/**
 * Stages of vLLM, SGLang and TensorRT-LLM: launch scripts, compose files, manifests (or any text) with the
 * engine's own list of layers, or the number of stages alone. Who has which rank stands in the comments
 * of exported files; for others `nodes` names the nodes of one engine in rank order.
 * @throws InputError when ranks, layers and nodes do not fit.
 */
export function readPartitions(
  files: readonly ImportFile[],
  format: PartitionFormat,
  layers: number,
  nodes: readonly string[],
): readonly PlacementEntry[] {
  const launches = groupFiles(files).map((group) => readLaunch(group, format, layers));
  const problems = launches.flatMap((launch) => ("problem" in launch ? [launch.problem] : []));
  const whole = launches.flatMap((launch) => ("partition" in launch ? [launch] : []));
  if (problems.length > 0) throw new InputError("placement", problems);
  return placeLaunches(whole, layers, nodes);
}

/** Entries of launches whose partitions are known. */
export function placeLaunches(
  launches: readonly Launch[],
  layers: number,
  nodes: readonly string[],
): readonly PlacementEntry[] {
  const problems = launches.flatMap(({ source, partition }): readonly Problem[] => {
    const sum = partition.reduce((total, count) => total + count, 0);
    if (sum === layers && partition.every((count) => count > 0)) return [];
    return [
      {
        path: source,
        found: `the partition ${partition.join(",")}, ${sum} layers in all`,
        expected: `at least one layer each, ${layers} in all`,
        remedy: "Correct the partition, or the cluster's model: the engine would not start so.",
      },
    ];
  });
  if (problems.length > 0) throw new InputError("placement", problems);
  return nodes.length > 0 ? placeNamed(launches, nodes) : placeCommented(launches);
}

/** Files whose list and comments stand apart (a configuration and the script beside it) belong together. */
function groupFiles(files: readonly ImportFile[]): readonly (readonly ImportFile[])[] {
  const folders = new Map<string, ImportFile[]>();
  for (const file of files) {
    const folder = file.name.slice(0, Math.max(0, file.name.lastIndexOf("/")));
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders.values()].flatMap((together) => {
    const configs = together.filter(({ name }) => /\.(ya?ml|json)$/i.test(name));
    const pair = configs.length === 1 && together.length === 2;
    return pair ? [together] : together.map((file) => [file]);
  });
}

function readLaunch(
  files: readonly ImportFile[],
  { name, depth, even }: PartitionFormat,
  layers: number,
): Launch | { readonly problem: Problem } {
  const source = files.map((file) => file.name).join(", ");
  const words = files.flatMap(({ text }) => readWords(text));
  const stages = files.flatMap(({ text }) => listStageComments(text));
  const lists = new Map(listsAfter(words, name).map((list) => [list.join(","), list]));
  const problem = (found: string, expected: string, remedy: string): { problem: Problem } => ({
    problem: { path: source, found, expected, remedy },
  });
  if (lists.size > 1) {
    const found = `the partitions ${[...lists.keys()].join(" and ")}`;
    return problem(found, "one engine per file", "Import them one by one, with --nodes.");
  }
  const [partition] = lists.values();
  if (partition !== undefined) return { source, partition, stages };
  const count = Number(optionValue(words, ...depth));
  if (!Number.isInteger(count) || count < 1 || count > layers) {
    const remedy =
      "Name a file in which the engine is told its layers (VLLM_PP_LAYER_PARTITION, SGLANG_PP_LAYER_PARTITION, pp_partition) or its number of stages.";
    return problem("no layer partition", "layers per stage, or the number of stages", remedy);
  }
  const shares = even(layers, count);
  if (shares === undefined) {
    const found = `${count} stages for ${layers} layers, and no partition`;
    const remedy = "Say the layers of each stage: how this engine divides them unasked varies.";
    return problem(found, "layers per stage", remedy);
  }
  return { source, partition: shares, stages };
}

/** Every rank of every chain by the comments of exported files. */
function placeCommented(launches: readonly Launch[]): readonly PlacementEntry[] {
  const problems: Problem[] = [];
  const seen = new Map<string, { readonly ranks: number; readonly found: Set<number> }>();
  const entries = launches.flatMap(({ source, partition, stages }): readonly PlacementEntry[] => {
    if (stages.length === 0 || stages.some(({ ranks }) => ranks !== partition.length)) {
      problems.push({
        path: source,
        found: "no rank with a node for it",
        expected: "layers per stage, and which node has which rank",
        remedy: "Name the nodes of the engine in rank order: --nodes a,b,c (one engine at a time).",
      });
      return [];
    }
    return stages.map(({ chain, rank, ranks, node }) => {
      const group = seen.get(chain) ?? { ranks, found: new Set<number>() };
      group.found.add(rank);
      seen.set(chain, group);
      return { source, path: "", node, layers: intervalOf(partition, rank) };
    });
  });
  for (const [chain, { ranks, found }] of seen) {
    const missing = Array.from({ length: ranks }, (_, rank) => rank).filter(
      (rank) => !found.has(rank),
    );
    if (missing.length > 0) {
      problems.push({
        path: chain,
        found: `no file of rank ${missing.join(", ")}`,
        expected: `all ${ranks} ranks of the chain`,
        remedy: "Give the files of all its ranks: without them nobody would hold their layers.",
      });
    }
  }
  if (problems.length > 0) throw new InputError("placement", problems);
  return entries;
}

function placeNamed(
  launches: readonly Launch[],
  nodes: readonly string[],
): readonly PlacementEntry[] {
  const found = new Map(launches.map((launch) => [launch.partition.join(","), launch]));
  const [only] = found.values();
  if (found.size !== 1 || only!.partition.length !== nodes.length) {
    const texts = [...found.keys()].join(" and ");
    throw new InputError("--nodes", [
      {
        path: "",
        found: `${nodes.length} nodes, and ${found.size === 0 ? "no partition" : `the partition ${texts}`}`,
        expected: "one partition with as many stages as nodes",
        remedy: "Give the files of one engine, and its nodes in rank order.",
      },
    ]);
  }
  const { source, partition } = only!;
  return nodes.map((node, rank) => {
    return { source, path: `rank ${rank}`, node, layers: intervalOf(partition, rank) };
  });
}

function intervalOf(partition: readonly number[], rank: number): readonly [number, number] {
  const start = partition.slice(0, rank).reduce((sum, count) => sum + count, 0);
  return [start, start + partition[rank]!];
}

/** Partitions in manifests of Kubernetes, with the nodes that exported ones name in an annotation. */
export function readManifests(
  files: readonly ImportFile[],
  layers: number,
  nodes: readonly string[],
): readonly PlacementEntry[] {
  const launches = files.flatMap(({ name, text }) =>
    listManifests(name, text).flatMap(({ words, nodes: named, title }): readonly Launch[] => {
      const format = [PARTITION_FORMATS.vllm, PARTITION_FORMATS.sglang].find(
        (candidate) => listsAfter(words, candidate.name).length > 0,
      );
      const [list] = listsAfter(words, (format ?? PARTITION_FORMATS.vllm).name);
      const depth = Number(optionValue(words, ...PARTITION_FORMATS.vllm.depth));
      const partition =
        list ?? (depth >= 1 && depth <= layers ? evenVllm(layers, depth) : undefined);
      if (partition === undefined) return [];
      const stages = (named ?? []).map((node, rank) => {
        return { chain: title, rank, ranks: named!.length, node };
      });
      return [{ source: `${name}, ${title}`, partition, stages }];
    }),
  );
  if (launches.length === 0) {
    throw new InputError("placement", [
      {
        path: files.map(({ name }) => name).join(", "),
        found: "no object that starts an engine with stages",
        expected: "VLLM_PP_LAYER_PARTITION, SGLANG_PP_LAYER_PARTITION or --pipeline-parallel-size",
        remedy: "Name the manifests of the engines themselves.",
      },
    ]);
  }
  return placeLaunches(launches, layers, nodes);
}
