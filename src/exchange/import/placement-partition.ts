import { InputError, type Problem } from "../../core/errors.js";
import type { ImportFile, PlacementEntry } from "./placement-entries.js";

const PARTITION =
  /\b(?:VLLM|SGLANG)_PP_LAYER_PARTITION['"]?\s*[=:]\s*['"]?([0-9][0-9,\s]*[0-9]|[0-9])/g;
const STAGE = /^# helix-place \S+ rank (\d+) of \d+ layers \d+:\d+ node (".*")$/gm;

/**
 * vLLM and SGLang partitions: launch scripts (or any text) with
 * `VLLM_PP_LAYER_PARTITION=10,8,30`. Who has which rank stands in the comments of exported scripts;
 * for others `nodes` names the nodes of one engine in rank order.
 * @throws InputError when ranks and partition do not fit.
 */
export function readPartitions(
  files: readonly ImportFile[],
  nodes: readonly string[],
): readonly PlacementEntry[] {
  if (nodes.length > 0) return readNamedRanks(files, nodes);
  const problems: Problem[] = [];
  const entries = files.flatMap(({ name, text }): readonly PlacementEntry[] => {
    const [partition] = listPartitions(text);
    const stages = [...text.matchAll(STAGE)];
    const first = stages[0];
    const rank = Number(first?.[1] ?? NaN);
    if (partition === undefined || stages.length !== 1 || !(rank < partition.length)) {
      problems.push({
        path: name,
        found: partition === undefined ? "no layer partition" : "no rank with a node for it",
        expected: "VLLM_PP_LAYER_PARTITION=… and which node has which rank",
        remedy: "Name the nodes of the engine in rank order: --nodes a,b,c (one engine at a time).",
      });
      return [];
    }
    const node = JSON.parse(first![2]!) as string;
    return [{ source: name, path: "", node, layers: intervalOf(partition, rank) }];
  });
  if (problems.length > 0) throw new InputError("placement", problems);
  return entries;
}

function readNamedRanks(
  files: readonly ImportFile[],
  nodes: readonly string[],
): readonly PlacementEntry[] {
  const found = new Map(
    files.flatMap(({ name, text }) =>
      listPartitions(text).map((partition) => [partition.join(","), { name, partition }] as const),
    ),
  );
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
  const { name, partition } = only!;
  return nodes.map((node, rank) => {
    return { source: name, path: `rank ${rank}`, node, layers: intervalOf(partition, rank) };
  });
}

function listPartitions(text: string): readonly (readonly number[])[] {
  return [...text.matchAll(PARTITION)].map((match) => match[1]!.split(",").map(Number));
}

function intervalOf(partition: readonly number[], rank: number): readonly [number, number] {
  const start = partition.slice(0, rank).reduce((sum, count) => sum + count, 0);
  return [start, start + partition[rank]!];
}
