import { countLayers, type Chain } from "./chains.js";
import { API_PORT, hostOf, joinHostPort } from "./endpoint.js";
import { assignPorts, createPorts, describeSharedHosts, deviceEnvironment } from "./hosts.js";
import type { ChainPorts, TakePort } from "./hosts.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { divisible, exportChains, uniformGpus } from "./requirements.js";
import { stageComment, writeScript, type Words } from "./script.js";
import { formatShare, listUnsaid, settingsOf } from "./settings.js";
import { balance, describeRanks, writeRanks } from "./target-vllm.js";
import { cacheTypeOf, describeWeights, plainTypeOf, quantizationOf } from "./weight-types.js";

const INIT_PORT = 20_000;
/** Where ranks behind the first answer health checks. */
const RANK_PORT = 8100;

/** SGLang: one server process per node; rank order is stage order. */
export function exportSglang(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus, divisible(request)], (chains) => {
    const take = createPorts(request);
    const ports = assignPorts(request, chains, INIT_PORT, take);
    return {
      files: chains.flatMap((chain, index) =>
        writeRanks(chain, (rank) => sglangScript(request, chain, rank, ports[index]!, take)),
      ),
      steps: [
        ...chains.map((chain, index) => describeRanks(request, chain, ports[index]!.api)),
        ...balance(chains),
      ],
      notCarried: listUnsaid(request, chains),
      notes: [
        `The API listens on all addresses of a chain's first node, port ${API_PORT} unless another chain has it (the \`port\` column of --addresses changes it); the ranks meet on port ${INIT_PORT}. Neither asks for a key: keep both off open networks.`,
        "SGLang's `--mem-fraction-static` is a share of what is free on the card when it starts, not of the whole card; `--max-total-tokens` holds the KV cache to what the plan counts with.",
        ...describeWeights(request.cluster.model, request.model),
        ...describeSharedHosts(request),
      ],
    };
  });
}

function sglangScript(
  request: ExportRequest,
  chain: Chain,
  rank: number,
  ports: ChainPorts,
  take: TakePort,
): string {
  const { id, memory } = chain.stages[rank]!;
  const depth = chain.stages.length;
  const first = hostOf(request, chain.stages[0]!.id);
  const port = rank === 0 ? ports.api : take(hostOf(request, id), RANK_PORT);
  const words: Words = [
    ["python3", "-m", "sglang.launch_server"],
    ["--model-path", request.model],
    ["--tp-size", String(chain.stages[rank]!.gpus)],
    ["--pp-size", String(depth)],
    ...(depth === 1
      ? []
      : [
          ["--dist-init-addr", joinHostPort(first, ports.meeting)],
          ["--nnodes", String(depth)],
          ["--node-rank", String(rank)],
        ]),
    ...sglangOptions(request, chain, rank),
    ["--host", "0.0.0.0", "--port", String(port)],
  ];
  const share =
    memory === undefined
      ? []
      : [
          `memory: ${formatShare(memory.ofCards)} of the whole card, ${formatShare(memory.ofFree)} of what the plan counts as free`,
        ];
  const environment = {
    SGLANG_PP_LAYER_PARTITION: countLayers(chain).join(","),
    ...(mixesCards(chain) ? { SGLANG_ENABLE_TP_MEMORY_INBALANCE_CHECK: "0" } : {}),
    ...deviceEnvironment(request, id),
  };
  return writeScript([stageComment(chain, rank), ...share], environment, words);
}

/** SGLang compares the free memory of all ranks and stops where tensor parallel ones differ. */
function mixesCards({ stages }: Chain): boolean {
  return stages[0]!.gpus > 1 && new Set(stages.map(({ machine }) => machine)).size > 1;
}

function sglangOptions(
  request: ExportRequest,
  chain: Chain,
  rank: number,
): readonly (readonly string[])[] {
  const { model } = request.cluster;
  const { memory } = chain.stages[rank]!;
  const { contextTokens, kvTokens, maxSequences, batchTokens } = settingsOf(
    request,
    chain,
    "sglang",
  );
  const option = (name: string, value: string | number | undefined): readonly string[][] =>
    value === undefined ? [] : [[`--${name}`, String(value)]];
  const cache = cacheTypeOf(model);
  return [
    ...option("dtype", plainTypeOf(model, chain)),
    ...option("quantization", quantizationOf(model, request.model, "sglang")),
    ...option("kv-cache-dtype", cache === "fp8" ? "fp8_e5m2" : cache),
    ...option("mem-fraction-static", memory && formatShare(memory.ofFree)),
    ...option("max-total-tokens", kvTokens),
    ...option("context-length", contextTokens),
    ...option("max-running-requests", maxSequences),
    ...option("chunked-prefill-size", batchTokens),
  ];
}
