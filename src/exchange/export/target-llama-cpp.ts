import { countLayers, type Chain } from "./chains.js";
import { hostOf, joinHostPort, portOf } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import type { ExportFile, ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { exportChains, singleGpus } from "./requirements.js";
import { stageComment, writeScript, type Words } from "./script.js";

const RPC_PORT = 50_052;
const API_PORT = 8080;

/**
 * llama.cpp: RPC workers for all stages but the last, whose node runs the server. llama.cpp splits
 * layers + 1 slots (the output counts as one more), so the last share is one more than its layers.
 */
export function exportLlamaCpp(request: ExportRequest): ExportOutcome {
  return exportChains(request, [singleGpus], (chains) => ({
    files: chains.flatMap((chain) => writeChain(request, chain)),
    steps: chains.map((chain) => describe(request, chain)),
    notes: [
      "Several chains: divide requests between the servers by the weights; the balancer targets (nginx, envoy, litellm) name the first node of a chain, so put in the addresses above.",
      "`rpc-server` has no authentication: open its port to the chain's own nodes only, never to an open network.",
      `Workers listen on port ${RPC_PORT}, servers on port ${API_PORT}; the \`port\` column of --addresses changes either.`,
      "The model must be a GGUF file on the node that runs the server; CUDA0 in the script is its own GPU (another backend has another name: `llama-server --list-devices`).",
    ],
  }));
}

function writeChain(request: ExportRequest, chain: Chain): readonly ExportFile[] {
  const paths = scriptPaths(chain);
  return chain.stages.map((_, rank) => ({
    path: paths[rank]!,
    text:
      rank === chain.stages.length - 1
        ? serverScript(request, chain)
        : workerScript(request, chain, rank),
  }));
}

function workerScript(request: ExportRequest, chain: Chain, rank: number): string {
  const { id } = chain.stages[rank]!;
  return writeScript([stageComment(chain, rank)], {}, [
    ["rpc-server", "-H", hostOf(request, id), "-p", String(portOf(request, id, RPC_PORT)), "-c"],
  ]);
}

function serverScript(request: ExportRequest, chain: Chain): string {
  const rank = chain.stages.length - 1;
  const { id } = chain.stages[rank]!;
  const workers = chain.stages.slice(0, rank);
  const split = splitShares(countLayers(chain));
  const rpc = workers.map((stage) =>
    joinHostPort(hostOf(request, stage.id), portOf(request, stage.id, RPC_PORT)),
  );
  const words: Words = [
    ["llama-server", "-m", request.model],
    ["-ngl", "999", "-sm", "layer"],
    ...(workers.length === 0 ? [] : [["--rpc", rpc.join(",")]]),
    ["--device", [...workers.map((_, index) => `RPC${index}`), "CUDA0"].join(",")],
    ["-ts", split.join(",")],
    ["--host", "0.0.0.0", "--port", String(portOf(request, id, API_PORT))],
  ];
  return writeScript([stageComment(chain, rank)], {}, words);
}

/** `-ts` for layers per device: one more for the last, which also holds the output. */
export function splitShares(layers: readonly number[]): readonly number[] {
  return layers.map((count, index) => (index === layers.length - 1 ? count + 1 : count));
}

function scriptPaths(chain: Chain): readonly string[] {
  const last = chain.stages.length - 1;
  return nameFiles(chain.stages.map(({ id }) => id)).map(
    (name, rank) => `${chain.name}/${rank === last ? "server" : `worker-${rank}`}-${name}.sh`,
  );
}

function describe(request: ExportRequest, chain: Chain): string {
  const paths = scriptPaths(chain);
  const lines = chain.stages.map(
    ({ id }, rank) =>
      `   - on ${quoteMarkdown(hostOf(request, id))}: ${quoteMarkdown(`bash ${paths[rank]!}`)}`,
  );
  const { id } = chain.stages.at(-1)!;
  const api = joinHostPort(hostOf(request, id), portOf(request, id, API_PORT));
  return `${chain.name} (weight ${chain.weight}), workers first; it answers at ${quoteMarkdown(api)}:\n${lines.join("\n")}`;
}
