import { countLayers, type Chain } from "./chains.js";
import { API_PORT, hostOf, joinHostPort } from "./endpoint.js";
import { assignApis, devicesOf } from "./hosts.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { divisible, exportChains, uniformGpus } from "./requirements.js";
import { formatShare, listUnsaid, settingsOf } from "./settings.js";
import { balance } from "./target-vllm.js";
import { stageComment, writeScript } from "./script.js";
import { cacheTypeOf, describeWeights, plainTypeOf, quantizationOf } from "./weight-types.js";
import { toYaml } from "./yaml.js";

/** TensorRT-LLM: a configuration per chain, started over MPI in stage order. */
export function exportTensorRtLlm(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus, divisible(request)], (chains) => {
    const ports = assignApis(request, chains, API_PORT);
    return {
      files: chains.flatMap((chain, index) => [
        { path: `${chain.name}/config.yaml`, text: toYaml(configure(request, chain)) },
        { path: `${chain.name}/serve.sh`, text: mpiScript(request, chain, ports[index]!) },
      ]),
      steps: [
        ...chains.map((chain, index) => {
          const host = hostOf(request, chain.stages[0]!.id);
          return `${chain.name} (weight ${chain.weight}): copy ${quoteMarkdown(`${chain.name}/config.yaml`)} to the same folder on all of its nodes, then on ${quoteMarkdown(host)} run ${quoteMarkdown(`bash ${chain.name}/serve.sh`)} there. It answers at ${quoteMarkdown(joinHostPort(host, ports[index]!))}.`;
        }),
        ...balance(chains),
      ],
      notCarried: [...listUnsaid(request, chains), ...listParts(request, chains)],
      notes: [
        "`pp_partition` needs the PyTorch backend. MPI numbers the ranks in the order of `-H`, which is stage order.",
        "Releases before 1.2 call `--config` `--extra_llm_api_options`.",
        `The API listens on all addresses of a chain's first node, port ${API_PORT} unless another chain has it; the \`port\` column of --addresses changes it.`,
        "`free_gpu_memory_fraction` counts from what is free once the weights are loaded; `max_tokens` holds the KV cache to what the plan counts with.",
        ...describeWeights(request.cluster.model, request.model),
      ],
    };
  });
}

/** MPI starts all ranks with one environment, which cannot show every node its own cards. */
function listParts(request: ExportRequest, chains: readonly Chain[]): readonly string[] {
  const parts = chains.flatMap(({ stages }) =>
    stages.flatMap(({ id }) => {
      const devices = devicesOf(request, id);
      return devices === undefined ? [] : [`${quoteMarkdown(id)} ${devices.join(",")}`];
    }),
  );
  if (parts.length === 0) return [];
  return [
    `which cards of a host are meant (${parts.join("; ")}): set \`CUDA_VISIBLE_DEVICES\` for these ranks`,
  ];
}

function configure(request: ExportRequest, chain: Chain): object {
  const { model } = request.cluster;
  const { contextTokens, kvTokens, maxSequences, batchTokens } = settingsOf(
    request,
    chain,
    "tensorrt-llm",
  );
  const shares = chain.stages.flatMap(({ memory }) => (memory === undefined ? [] : [memory]));
  const type = plainTypeOf(model, chain);
  const quantization = quantizationOf(model, request.model, "tensorRt");
  const cache = cacheTypeOf(model);
  return {
    backend: "pytorch",
    tensor_parallel_size: chain.stages[0]!.gpus,
    pipeline_parallel_size: chain.stages.length,
    pp_partition: countLayers(chain),
    ...(type === undefined ? {} : { dtype: type }),
    ...(quantization === undefined ? {} : { quant_config: { quant_algo: quantization } }),
    ...(contextTokens === undefined ? {} : { max_seq_len: contextTokens }),
    max_batch_size: maxSequences,
    max_num_tokens: batchTokens,
    enable_chunked_prefill: true,
    kv_cache_config: {
      ...(kvTokens === undefined ? {} : { max_tokens: kvTokens }),
      ...(shares.length < chain.stages.length
        ? {}
        : {
            free_gpu_memory_fraction: Number(
              formatShare(Math.min(...shares.map(({ ofFree }) => ofFree))),
            ),
          }),
      ...(cache === undefined ? {} : { dtype: cache }),
    },
  };
}

function mpiScript(request: ExportRequest, chain: Chain, port: number): string {
  const { gpus } = chain.stages[0]!;
  const hosts = chain.stages.map(({ id }) => joinHostPort(hostOf(request, id), gpus)).join(",");
  const comments = chain.stages.map((_, rank) => stageComment(chain, rank));
  const shares = chain.stages.flatMap(({ memory }, rank) =>
    memory === undefined
      ? []
      : [`memory of rank ${rank}: ${formatShare(memory.ofCards)} of the whole card`],
  );
  return writeScript([...comments, ...shares], {}, [
    ["mpirun", "-n", String(gpus * chain.stages.length), "-H", hosts],
    ["trtllm-llmapi-launch", "trtllm-serve", request.model],
    ["--tp_size", String(gpus), "--pp_size", String(chain.stages.length)],
    ["--config", { shell: '"$(dirname "$0")/config.yaml"' }],
    ["--host", "0.0.0.0", "--port", String(port)],
  ]);
}
