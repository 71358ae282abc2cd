import { countLayers, type Chain } from "./chains.js";
import { API_PORT, apiOf, hostOf, joinHostPort } from "./endpoint.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { exportChains, uniformGpus } from "./requirements.js";
import { balance } from "./target-vllm.js";
import { stageComment, writeScript } from "./script.js";
import { toYaml } from "./yaml.js";

/** TensorRT-LLM: a configuration per chain, started over MPI in stage order. */
export function exportTensorRtLlm(request: ExportRequest): ExportOutcome {
  return exportChains(request, [uniformGpus], (chains) => ({
    files: chains.flatMap((chain) => [
      { path: `${chain.name}/config.yaml`, text: toYaml(configure(chain)) },
      { path: `${chain.name}/serve.sh`, text: mpiScript(request, chain) },
    ]),
    steps: [
      ...chains.map((chain) => {
        const { host, port } = apiOf(request, chain);
        return `${chain.name} (weight ${chain.weight}): copy ${quoteMarkdown(`${chain.name}/config.yaml`)} to the same folder on all of its nodes, then on ${quoteMarkdown(host)} run ${quoteMarkdown(`bash ${chain.name}/serve.sh`)} there. It answers at ${quoteMarkdown(joinHostPort(host, port))}.`;
      }),
      ...balance(chains),
    ],
    notes: [
      "`pp_partition` needs the PyTorch backend. MPI numbers the ranks in the order of `-H`, which is stage order.",
      `The API listens on port ${API_PORT} of a chain's first node; the \`port\` column of --addresses changes it.`,
    ],
  }));
}

function configure(chain: Chain): object {
  return {
    tensor_parallel_size: chain.stages[0]!.gpus,
    pipeline_parallel_size: chain.stages.length,
    pp_partition: countLayers(chain),
    ...(chain.maxBatch === undefined ? {} : { max_batch_size: chain.maxBatch }),
  };
}

function mpiScript(request: ExportRequest, chain: Chain): string {
  const { gpus } = chain.stages[0]!;
  const { port } = apiOf(request, chain);
  const hosts = chain.stages.map(({ id }) => joinHostPort(hostOf(request, id), gpus)).join(",");
  const comments = chain.stages.map((_, rank) => stageComment(chain, rank));
  return writeScript(comments, {}, [
    ["mpirun", "-n", String(gpus * chain.stages.length), "-H", hosts],
    ["trtllm-llmapi-launch", "trtllm-serve", request.model],
    ["--tp_size", String(gpus), "--pp_size", String(chain.stages.length)],
    ["--extra_llm_api_options", { shell: '"$(dirname "$0")/config.yaml"' }],
    ["--host", "0.0.0.0", "--port", String(port)],
  ]);
}
