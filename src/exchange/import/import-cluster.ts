import { BugError, InputError } from "../../core/errors.js";
import type { Problem } from "../../core/errors.js";
import { readBandwidthMatrix } from "./bandwidth-matrix.js";
import type { BandwidthMatrix } from "./bandwidth-matrix.js";
import { buildClusterFile } from "./build-cluster-file.js";
import { readHelixIni } from "./helix-ini.js";
import { linkHosts } from "./host-links.js";
import type { HostLinks } from "./host-links.js";
import type { ImportedHost, ImportedHosts, ImportOutcome, Parsed } from "./import-outcome.js";
import { readIperf } from "./iperf3.js";
import type { IperfResult } from "./iperf3.js";
import { readKubernetesNodes } from "./kubernetes-nodes.js";
import { readNvidiaSmi } from "./nvidia-smi.js";
import { readMeasured } from "./measured-machine.js";
import { parseJson } from "../../formats/parse-json.js";
import { splitBenchResults } from "./bench-runs.js";
import { readVllmBench } from "./vllm-bench.js";
import type { BenchResult } from "./vllm-bench.js";
import { stemOf } from "../../core/path-names.js";
import { didYouMean } from "../../core/nearest.js";
import { findModelPreset, modelPresetNames } from "../../model/presets.js";
import { findGpu, gpuNames } from "../../hardware/find-gpu.js";
import type { ClusterFile, NetworkEntry } from "../../formats/cluster-schema.js";
import type { FileSource } from "../../formats/file-source.js";
import { openModel } from "../../formats/open-model.js";

/** What to import; paths of files, `-` for standard input. */
export interface ImportSources {
  readonly kubernetes?: string;
  /** Paths, or `host=path`. */
  readonly nvidiaSmi?: readonly string[];
  readonly bandwidth?: string;
  /** Paths, or `from:to=path`. */
  readonly iperf3?: readonly string[];
  readonly helix?: string;
  readonly helixMachines?: string;
  readonly vllmBench?: readonly string[];
  /** What the script of `helix-place measure` printed. */
  readonly measured?: string;
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
  /** What could not be read and is missing from the file. */
  readonly leftOut: readonly Problem[];
}

const DEFAULT_GPU = "A100-80GB";
const DEFAULT_BENCH_MODEL = "llama-3-70b";

/**
 * Other tools' output → a cluster file and what had to be assumed for it.
 * @throws InputError with line and column of what cannot be understood.
 */
export async function importCluster(
  sources: ImportSources,
  files: FileSource,
): Promise<ImportedCluster> {
  const read = (path: string): Promise<string> => files.readText(path);
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
  if (sources.measured !== undefined) {
    const json = parseJson(sources.measured, await read(sources.measured));
    return finish(sources.measured, readMeasured(json, options.name));
  }
  if (sources.vllmBench !== undefined) return importBench(sources, options.name, files);
  const links = await readLinks(sources, read);
  const hosts = await readHosts(sources, links?.hosts ?? [], read);
  const linked = links === undefined ? undefined : restrict(links.network, hosts.hosts);
  const assumptions = [
    ...hosts.assumptions,
    ...(links?.assumptions ?? []),
    ...(linked?.assumptions ?? []),
  ];
  const outcome = buildClusterFile({ hosts: hosts.hosts, assumptions }, options, linked?.network);
  const leftOut = [...(hosts.leftOut ?? []), ...(links?.leftOut ?? [])];
  const source = sources.kubernetes ?? sources.nvidiaSmi?.[0] ?? sources.bandwidth ?? "iperf3";
  return finish(source, outcome, leftOut);
}

type Read = (path: string) => Promise<string>;

async function readLinks(
  sources: ImportSources,
  read: Read,
): Promise<(BandwidthMatrix & { readonly leftOut: readonly Problem[] }) | undefined> {
  const { bandwidth, iperf3 } = sources;
  if (bandwidth !== undefined) {
    return { ...unwrap(bandwidth, readBandwidthMatrix(await read(bandwidth))), leftOut: [] };
  }
  if (iperf3 === undefined) return undefined;
  const results: IperfResult[] = [];
  for (const entry of iperf3) {
    const [, from, to, path] = /^(?:([^=:/\\]+):([^=:/\\]+)=)?(.*)$/.exec(entry)!;
    const ends = from === undefined || to === undefined ? {} : { from, to };
    results.push({ source: path!, text: await read(path!), ...ends });
  }
  const parsed = readIperf(results);
  return { ...unwrap("iperf3", parsed), leftOut: parsed.leftOut };
}

async function readHosts(
  sources: ImportSources,
  matrixHosts: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<ImportedHosts> {
  const parts: ImportedHosts[] = [];
  if (sources.kubernetes !== undefined) {
    const text = await read(sources.kubernetes);
    const nodes = unwrap(sources.kubernetes, readKubernetesNodes(sources.kubernetes, text));
    parts.push(named(sources.kubernetes, nodes));
  }
  for (const entry of sources.nvidiaSmi ?? []) {
    const [, host, path] = /^(?:([^=/\\]+)=)?(.*)$/.exec(entry)!;
    const stem = path === "-" ? "host" : stemOf(path!);
    const usual = sources.gpu === undefined ? undefined : checkGpu(sources.gpu);
    const parsed = readNvidiaSmi(await read(path!), host ?? stem, usual);
    // One host that cannot be read never loses the others.
    if (parsed.kind === "parsed") parts.push(named(path!, parsed.value));
    else if ((sources.nvidiaSmi ?? []).length === 1) throw new InputError(path!, parsed.problems);
    else parts.push(named(path!, { hosts: [], assumptions: [], leftOut: parsed.problems }));
  }
  if (parts.length === 0) {
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
  const leftOut = parts.flatMap((part) => part.leftOut ?? []);
  if (hosts.length === 0 && leftOut.length > 0) throw new InputError("import", leftOut);
  return { hosts, assumptions: parts.flatMap((part) => part.assumptions), leftOut };
}

/** The file of a problem stands before its place. */
function named(source: string, { leftOut, ...rest }: ImportedHosts): ImportedHosts {
  if (leftOut === undefined) return rest;
  return {
    ...rest,
    leftOut: leftOut.map((problem) => ({ ...problem, path: `${source}: ${problem.path}` })),
  };
}

function restrict(network: NetworkEntry, hosts: readonly ImportedHost[]): HostLinks {
  const linked = linkHosts(network, hosts);
  if (hosts.length > 1 && linked.unreached.length > 0) {
    throw refuse(
      "--bandwidth",
      `no link of ${linked.unreached.join(", ")}`,
      "a row and a column for every host",
      "Use the same host names in all files.",
    );
  }
  return linked;
}

async function importBench(
  sources: ImportSources,
  name: string,
  files: FileSource,
): Promise<ImportedCluster> {
  const model = sources.model ?? DEFAULT_BENCH_MODEL;
  const preset = findModelPreset(model);
  const { layers } = preset ?? (await openModel(model, {}, files)).model;
  const results: BenchResult[] = [];
  for (const path of sources.vllmBench ?? []) {
    const parts = splitBenchResults(path, await files.readText(path));
    parts.forEach((json, index) => {
      const source = parts.length === 1 ? path : `${path}, result ${index + 1}`;
      results.push({ source, json });
    });
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
  return { ...imported, assumptions: [...extra, ...imported.assumptions] };
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

function finish(
  source: string,
  outcome: ImportOutcome,
  leftOut: readonly Problem[] = [],
): ImportedCluster {
  if (outcome.kind === "problems") throw new InputError(source, outcome.problems);
  if (outcome.file.nodes.length === 0) throw new BugError("an imported cluster without nodes");
  const { file, assumptions } = outcome;
  return { file, assumptions, leftOut: [...leftOut, ...(outcome.leftOut ?? [])] };
}

function refuse(option: string, found: string, expected: string, remedy: string): InputError {
  const problem: Problem = { path: option, found, expected, remedy };
  return new InputError("command line", [problem]);
}
