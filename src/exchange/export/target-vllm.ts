import { countLayers, type Chain } from "./chains.js";
import { API_PORT, apiOf, hostOf, joinHostPort, portOf } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import type { ExportFile, ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { exportChains, uniformGpus } from "./requirements.js";
import { stageComment, writeScript, type Words } from "./script.js";

const MASTER_PORT = 29_501;

/**
 * vLLM with the multiprocessing executor over several nodes: rank order is stage order, and every
 * node has the same number of GPUs. The Ray executor would reorder the workers.
 */
export function exportVllm(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus], (chains) => ({
    files: chains.flatMap((chain) => writeRanks(chain, (rank) => vllmScript(request, chain, rank))),
    steps: [...chains.map((chain) => describeRanks(request, chain)), ...balance(chains)],
    notes: [
      `The API listens on port ${API_PORT} of a chain's first node (the \`port\` column of --addresses changes it), the ranks meet on port ${MASTER_PORT}.`,
      "A chain's KV cache is the least over its stages: vLLM sizes all stages alike.",
    ],
  }));
}

function vllmScript(request: ExportRequest, chain: Chain, rank: number): string {
  const { id, gpus } = chain.stages[rank]!;
  const depth = chain.stages.length;
  const words: Words = [
    ["vllm", "serve", request.model],
    ["--tensor-parallel-size", String(gpus)],
    ["--pipeline-parallel-size", String(depth)],
    ["--distributed-executor-backend", "mp"],
    ...(depth === 1
      ? []
      : [
          ["--nnodes", String(depth)],
          ["--node-rank", String(rank)],
          ["--master-addr", hostOf(request, chain.stages[0]!.id)],
          ["--master-port", String(MASTER_PORT)],
        ]),
    ...(chain.maxBatch === undefined ? [] : [["--max-num-seqs", String(chain.maxBatch)]]),
    rank === 0
      ? ["--host", "0.0.0.0", "--port", String(portOf(request, id, API_PORT))]
      : ["--headless"],
  ];
  const partition = countLayers(chain).join(",");
  return writeScript([stageComment(chain, rank)], { VLLM_PP_LAYER_PARTITION: partition }, words);
}

/** One script per rank, in a folder per chain. */
export function writeRanks(chain: Chain, write: (rank: number) => string): readonly ExportFile[] {
  return rankFiles(chain).map((path, rank) => ({ path, text: write(rank) }));
}

/** "Chain 1: on host a run x; on host b run y." */
export function describeRanks(request: ExportRequest, chain: Chain): string {
  const paths = rankFiles(chain);
  const { host, port } = apiOf(request, chain);
  const commands = chain.stages.map(
    ({ id }, rank) =>
      `   - on ${quoteMarkdown(hostOf(request, id))}: ${quoteMarkdown(`bash ${paths[rank]!}`)}`,
  );
  return `${chain.name} (weight ${chain.weight}), which then answers at ${quoteMarkdown(joinHostPort(host, port))}:\n${commands.join("\n")}`;
}

/** The step that divides requests between chains, where there are several. */
export function balance(chains: readonly Chain[]): readonly string[] {
  if (chains.length === 1) return [];
  return [
    "Send requests to the first node of every chain in proportion to the weights above; `helix-place export --to nginx` (or envoy, litellm) writes that balancer.",
  ];
}

function rankFiles(chain: Chain): readonly string[] {
  const names = nameFiles(chain.stages.map(({ id }) => id));
  return names.map((name, rank) => `${chain.name}/rank-${rank}-${name}.sh`);
}
