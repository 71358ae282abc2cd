import { countLayers, type Chain } from "./chains.js";
import { API_PORT, hostOf, joinHostPort, portOf } from "./endpoint.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains, uniformGpus } from "./requirements.js";
import { stageComment, writeScript, type Words } from "./script.js";
import { balance, describeRanks, writeRanks } from "./target-vllm.js";

const INIT_PORT = 20_000;

/** SGLang: one server process per node; rank order is stage order. */
export function exportSglang(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus], (chains) => ({
    files: chains.flatMap((chain) =>
      writeRanks(chain, (rank) => sglangScript(request, chain, rank)),
    ),
    steps: [...chains.map((chain) => describeRanks(request, chain)), ...balance(chains)],
    notes: [
      `The API listens on port ${API_PORT} of a chain's first node (the \`port\` column of --addresses changes it), the ranks meet on port ${INIT_PORT}.`,
    ],
  }));
}

function sglangScript(request: ExportRequest, chain: Chain, rank: number): string {
  const first = chain.stages[0]!.id;
  const depth = chain.stages.length;
  const words: Words = [
    ["python3", "-m", "sglang.launch_server"],
    ["--model-path", request.model],
    ["--tp-size", String(chain.stages[rank]!.gpus)],
    ["--pp-size", String(depth)],
    ...(depth === 1
      ? []
      : [
          ["--dist-init-addr", joinHostPort(hostOf(request, first), INIT_PORT)],
          ["--nnodes", String(depth)],
          ["--node-rank", String(rank)],
        ]),
    ...(chain.maxBatch === undefined ? [] : [["--max-running-requests", String(chain.maxBatch)]]),
    ["--host", "0.0.0.0", "--port", String(portOf(request, first, API_PORT))],
  ];
  const partition = countLayers(chain).join(",");
  return writeScript([stageComment(chain, rank)], { SGLANG_PP_LAYER_PARTITION: partition }, words);
}
