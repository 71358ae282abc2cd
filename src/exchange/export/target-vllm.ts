import { countLayers, type Chain } from "./chains.js";
import { API_PORT, hostOf, joinHostPort } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import { assignPorts, describeSharedHosts, deviceEnvironment, type ChainPorts } from "./hosts.js";
import { isIP } from "./literal-address.js";
import type { ExportFile, ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { divisible, exportChains, uniformGpus } from "./requirements.js";
import { stageComment, writeScript, type Words } from "./script.js";
import { listUnsaid } from "./settings.js";
import { toWords, vllmOptions } from "./vllm-options.js";
import { describeWeights } from "./weight-types.js";

const MASTER_PORT = 29_501;

/** The vLLM whose options these are. */
export const VLLM_VERSION = "0.13.0";

/**
 * vLLM with the multiprocessing executor over several nodes: rank order is stage order, and every
 * node has the same number of GPUs. The Ray executor would reorder the workers.
 */
export function exportVllm(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus, divisible(request)], (chains) => {
    const ports = assignPorts(request, chains, MASTER_PORT);
    return {
      files: chains.flatMap((chain, index) =>
        writeRanks(chain, (rank) => vllmScript(request, chain, rank, ports[index]!)),
      ),
      steps: [
        ...chains.map((chain, index) => describeRanks(request, chain, ports[index]!.api)),
        ...balance(chains),
      ],
      notCarried: listUnsaid(request, chains),
      notes: [
        `Written for vLLM ${VLLM_VERSION} and later; words that are given to a script are passed on, and the last of an option holds.`,
        `The API listens on all addresses of a chain's first node, port ${API_PORT} unless another chain has it (the \`port\` column of --addresses changes it); the ranks meet on port ${MASTER_PORT}. Neither asks for a key: keep both off open networks.`,
        "A chain's KV cache is the least over its stages: vLLM sizes all stages alike. The memory share is of the whole card, so that what others use stays theirs.",
        ...describeWeights(request.cluster.model, request.model),
        ...describeSharedHosts(request),
      ],
    };
  });
}

function vllmScript(request: ExportRequest, chain: Chain, rank: number, ports: ChainPorts): string {
  const { id, gpus } = chain.stages[rank]!;
  const depth = chain.stages.length;
  const host = hostOf(request, id);
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
          ["--master-port", String(ports.meeting)],
        ]),
    ...toWords(vllmOptions(request, chain, [chain.stages[rank]!])),
    rank === 0 ? ["--host", "0.0.0.0", "--port", String(ports.api)] : ["--headless"],
  ];
  const environment = {
    VLLM_PP_LAYER_PARTITION: countLayers(chain).join(","),
    ...(depth > 1 && isIP(host) ? { VLLM_HOST_IP: host } : {}),
    ...deviceEnvironment(request, id),
  };
  return writeScript([stageComment(chain, rank)], environment, words);
}

/** One script per rank, in a folder per chain. */
export function writeRanks(chain: Chain, write: (rank: number) => string): readonly ExportFile[] {
  return rankFiles(chain).map((path, rank) => ({ path, text: write(rank) }));
}

/** "Chain 1: on host a run x; on host b run y." */
export function describeRanks(request: ExportRequest, chain: Chain, port: number): string {
  const paths = rankFiles(chain);
  const host = hostOf(request, chain.stages[0]!.id);
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
