import { basename, extname } from "node:path";
import { BugError, InputError } from "../../core/errors.js";
import type { Problem } from "../../core/errors.js";
import { readBandwidthMatrix } from "./bandwidth-matrix.js";
import { buildClusterFile } from "./build-cluster-file.js";
import { readHelixIni } from "./helix-ini.js";
import type { ImportedHosts, ImportOutcome, Parsed } from "./import-outcome.js";
import { readKubernetesNodes } from "./kubernetes-nodes.js";
import { readNvidiaSmi } from "./nvidia-smi.js";
import { readVllmBench } from "./vllm-bench.js";
import { didYouMean } from "../../core/nearest.js";
import { findModelPreset, modelPresetNames } from "../../model/presets.js";
import { findGpu, gpuNames } from "../../hardware/find-gpu.js";
import type { ClusterFile, NetworkEntry } from "../../formats/cluster-schema.js";
import { parseJson } from "../../formats/parse-json.js";
import { openModel } from "../../formats/open-model.js";

/** What to import; paths of files, `-` for standard input. */
export interface ImportSources {
  readonly kubernetes?: string;
  /** Paths, or `host=path`. */
  readonly nvidiaSmi?: readonly string[];
  readonly bandwidth?: string;
  readonly helix?: string;
  readonly helixMachines?: string;
  readonly vllmBench?: readonly string[];
  readonly name?: string;
  readonly model?: string;
  /** The card, where the source does not say it. */
  readonly gpu?: string;
  readonly gpus?: number;
  /** Layers that the benchmarked server held. */
  readonly layers?: number;
}

export interface ImportedCluster {
  readonly file: ClusterFile;
  readonly assumptions: readonly string[];
}

const DEFAULT_GPU = "A100-80GB";
const DEFAULT_BENCH_MODEL = "llama-3-70b";

/**
 * Other tools' output → a cluster file and what had to be assumed for it.
 * @throws InputError with line and column of what cannot be understood.
 */
export async function importCluster(
  sources: ImportSources,
  read: (path: string) => Promise<string>,
): Promise<ImportedCluster> {
  const options = {
    name: sources.name ?? "imported",
    ...(sources.model === undefined ? {} : { model: sources.model }),
  };
  if (sources.model !== undefined) checkModel(sources.model);
  if (sources.helix !== undefined) {
    const machines =
      sources.helixMachines === undefined ? undefined : await read(sources.helixMachines);
    return finish(sources.helix, readHelixIni(await read(sources.helix), machines, options));
  }
  if (sources.vllmBench !== undefined) return importBench(sources, options.name, read);
  const matrix =
    sources.bandwidth === undefined
      ? undefined
      : unwrap(sources.bandwidth, readBandwidthMatrix(await read(sources.bandwidth)));
  const hosts = await readHosts(sources, matrix?.hosts ?? [], read);
  const network = matrix === undefined ? undefined : restrict(matrix.network, hosts);
  const assumptions = [...hosts.assumptions, ...(matrix?.assumptions ?? [])];
  const outcome = buildClusterFile({ hosts: hosts.hosts, assumptions }, options, network);
  return finish(sources.kubernetes ?? sources.nvidiaSmi?.[0] ?? sources.bandwidth ?? "", outcome);
}

async function readHosts(
  sources: ImportSources,
  matrixHosts: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<ImportedHosts> {
  const parts: ImportedHosts[] = [];
  if (sources.kubernetes !== undefined) {
    const text = await read(sources.kubernetes);
    parts.push(unwrap(sources.kubernetes, readKubernetesNodes(sources.kubernetes, text)));
  }
  for (const entry of sources.nvidiaSmi ?? []) {
    const [, host, path] = /^(?:([^=/\\]+)=)?(.*)$/.exec(entry)!;
    const stem = path === "-" ? "host" : basename(path!, extname(path!));
    parts.push(unwrap(path!, readNvidiaSmi(await read(path!), host ?? stem)));
  }
  if (parts.length === 0 && sources.bandwidth !== undefined) {
    const gpu = checkGpu(sources.gpu ?? DEFAULT_GPU);
    const gpus = sources.gpus ?? 1;
    const assumed = sources.gpu === undefined || sources.gpus === undefined;
    const assumptions = assumed ? [`every host has ${gpus} × ${gpu} (set --gpu and --gpus)`] : [];
    parts.push({ hosts: matrixHosts.map((id) => ({ id, gpu, gpus })), assumptions });
  }
  const hosts = parts.flatMap((part) => part.hosts);
  const repeated = hosts.find(({ id }, index) => hosts.findIndex((h) => h.id === id) < index);
  if (repeated !== undefined) {
    throw refuse(
      "--nvidia-smi",
      `the host ${repeated.id} twice`,
      "each host once",
      "Name them: host=file.csv.",
    );
  }
  return { hosts, assumptions: parts.flatMap((part) => part.assumptions) };
}

/** Links of hosts that no other source knows are left out. */
function restrict(network: NetworkEntry, { hosts }: ImportedHosts): NetworkEntry {
  const known = new Set(["coordinator", ...hosts.map(({ id }) => id)]);
  const links = (network.links ?? []).filter(({ from, to }) => known.has(from) && known.has(to));
  const missing = hosts.filter(({ id }) => !links.some(({ from, to }) => from === id || to === id));
  if (hosts.length > 1 && missing.length > 0) {
    const names = missing.map(({ id }) => id).join(", ");
    throw refuse(
      "--bandwidth",
      `no link of ${names}`,
      "a row and a column for every host",
      "Use the same host names in all files.",
    );
  }
  return { ...network, links };
}

async function importBench(
  sources: ImportSources,
  name: string,
  read: (path: string) => Promise<string>,
): Promise<ImportedCluster> {
  const model = sources.model ?? DEFAULT_BENCH_MODEL;
  const preset = findModelPreset(model);
  const { layers } = preset ?? (await openModel(model, {}, read)).model;
  const results = [];
  for (const path of sources.vllmBench ?? []) {
    results.push({ source: path, json: parseJson(path, await read(path)) });
  }
  const outcome = readVllmBench(results, {
    name,
    model,
    layers,
    gpu: checkGpu(sources.gpu ?? DEFAULT_GPU),
    gpus: sources.gpus ?? 1,
    ...(sources.layers === undefined ? {} : { heldLayers: sources.layers }),
  });
  const extra = [
    ...(sources.model === undefined ? [`model: ${model} (set --model)`] : []),
    ...(sources.gpu === undefined ? [`measured on ${DEFAULT_GPU} (set --gpu and --gpus)`] : []),
  ];
  const imported = finish("vllm bench", outcome);
  return { file: imported.file, assumptions: [...extra, ...imported.assumptions] };
}

function checkModel(model: string): void {
  if (findModelPreset(model) !== undefined || /[./\\]/.test(model)) return;
  const known = modelPresetNames();
  throw refuse(
    "--model",
    JSON.stringify(model),
    "a preset or a path",
    didYouMean(model, known) || known.join(", "),
  );
}

function checkGpu(name: string): string {
  const gpu = findGpu(name);
  if (gpu !== undefined) return gpu.name;
  const known = gpuNames();
  throw refuse(
    "--gpu",
    JSON.stringify(name),
    "a GPU of the catalogue",
    didYouMean(name, known) || known.join(", "),
  );
}

function unwrap<T>(source: string, parsed: Parsed<T>): T {
  if (parsed.kind === "problems") throw new InputError(source, parsed.problems);
  return parsed.value;
}

function finish(source: string, outcome: ImportOutcome): ImportedCluster {
  if (outcome.kind === "problems") throw new InputError(source, outcome.problems);
  if (outcome.file.nodes.length === 0) throw new BugError("an imported cluster without nodes");
  return outcome;
}

function refuse(option: string, found: string, expected: string, remedy: string): InputError {
  const problem: Problem = { path: option, found, expected, remedy };
  return new InputError("command line", [problem]);
}
