import { readBandwidthMatrix } from "../src/exchange/import/bandwidth-matrix.js";
import { splitBenchResults } from "../src/exchange/import/bench-runs.js";
import { readHelixIni } from "../src/exchange/import/helix-ini.js";
import { identifyGpu } from "../src/exchange/import/identify-gpu.js";
import { findInstanceType } from "../src/exchange/import/instance-types.js";
import { readKubernetesNodes } from "../src/exchange/import/kubernetes-nodes.js";
import { readNvidiaSmi } from "../src/exchange/import/nvidia-smi.js";
import { readBlocks } from "../src/exchange/import/placement-blocks.js";
import { readExo } from "../src/exchange/import/placement-exo.js";
import { readLlamaCpp } from "../src/exchange/import/placement-llama-cpp.js";
import {
  PARTITION_FORMATS,
  readManifests,
  readPartitions,
} from "../src/exchange/import/placement-partition.js";
import { parseJson } from "../src/formats/parse-json.js";
import { readTrace } from "../src/serving/simulate/trace-csv.js";

// How the time of every reader of text grows with the text, for ordinary and for hostile contents.
// node build/bench/parsers.js [characters]: exponents above 1.5 are named (1 is linear, 2 the square).

const size = Number(process.argv[2] ?? "200000");
const file = (text: string) => [{ name: "a", text }];

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "bandwidth CSV": readBandwidthMatrix,
  "bench results": (text) => splitBenchResults("a", text),
  "Helix INI": (text) => readHelixIni(text, undefined, { name: "a" }),
  "card name": (text) => identifyGpu(text, 1000),
  "instance type": findInstanceType,
  "Kubernetes nodes": (text) => readKubernetesNodes("a", text),
  "nvidia-smi": (text) => readNvidiaSmi(text, "a"),
  blocks: (text) => readBlocks(file(text), []),
  exo: (text) => readExo(file(text), []),
  "llama.cpp": (text) => readLlamaCpp(file(text), 32, []),
  vLLM: (text) => readPartitions(file(text), PARTITION_FORMATS.vllm, 32, []),
  SGLang: (text) => readPartitions(file(text), PARTITION_FORMATS.sglang, 32, []),
  "TensorRT-LLM": (text) => readPartitions(file(text), PARTITION_FORMATS["tensorrt-llm"], 32, []),
  manifests: (text) => readManifests(file(text), 32, []),
  JSON: (text) => parseJson("a", text),
  trace: (text) => readTrace("a", text),
};

const PIECES: readonly string[] = [
  " ",
  "\t",
  "\n",
  "\r",
  '"',
  "'",
  "#",
  ";",
  ",",
  ":",
  "=",
  "[",
  "]",
  "{",
  "}",
  "(",
  ")",
  "<",
  ">",
  "-",
  "\\",
  "/",
  "|",
  "&",
  "a",
  "0",
  "\u0000",
  "\u202e",
  '"a" ',
  "'a' ",
  '"a",',
  "a,",
  "a\n",
  "1,2\n",
  "a=1\n",
  "a = 1 ; b\n",
  "[a]\n",
  "# a\n",
  "a: b\n",
  "- a\n",
  "  - a: b\n",
  "{}\n",
  "[[",
  '{"a":',
  "<a>",
  "<gpu>",
  "<a></a>",
  "---\n",
  "&a [*a]\n",
  "|\n",
  "--pp 2 ",
  "PARTITION=1,",
  "VLLM_PP_LAYER_PARTITION=1 ",
  "SGLANG_PP_LAYER_PARTITION: ",
  "-ts 1, ",
  "GPU 0: NVIDIA A100 (UUID: x)\n",
  "NVIDIA H100, 80 GB\n",
  '# helix-place a rank 0 of 1 layers 0:1 node "',
  '# helix-place blocks 0:1 node "a"\n',
];

const HEADS: Readonly<Record<string, readonly string[]>> = {
  "nvidia-smi": ["", '<?xml version="1.0"?><nvidia_smi_log>', "name, memory.total [MiB]\n"],
  trace: ["", "TIMESTAMP,ContextTokens,GeneratedTokens\n"],
  "Helix INI": ["", "[Coordinator]\n"],
  "Kubernetes nodes": ["", "kind: List\nitems:\n"],
};

function seconds(read: (text: string) => unknown, text: string): number {
  let best = Infinity;
  for (let turn = 0; turn < 2; turn += 1) {
    const since = performance.now();
    try {
      read(text);
    } catch {
      // A refusal is an answer: how long it takes is asked here.
    }
    best = Math.min(best, (performance.now() - since) / 1000);
  }
  return best;
}

let worst = 0;
for (const [name, read] of Object.entries(READERS)) {
  for (const head of HEADS[name] ?? [""]) {
    for (const piece of PIECES) {
      const text = (length: number) => head + piece.repeat(Math.ceil(length / piece.length));
      const short = seconds(read, text(size));
      if (short < 0.02) continue;
      const long = seconds(read, text(4 * size));
      const exponent = Math.log(long / short) / Math.log(4);
      worst = Math.max(worst, exponent);
      if (exponent < 1.5) continue;
      const what = `${name}, ${JSON.stringify(head)} and ${JSON.stringify(piece)} over and over`;
      console.log(
        `${what}: ${short.toFixed(2)} s, ${long.toFixed(2)} s for four times the text, exponent ${exponent.toFixed(2)}`,
      );
    }
  }
}
console.log(`largest exponent ${worst.toFixed(2)}`);
