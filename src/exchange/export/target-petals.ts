import { hostOf, portOf } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import { NOTHING_FLOWS } from "./pipeline-runs.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteLine, quoteMarkdown } from "./quote.js";
import { listRunning, type RunningNode } from "./running-nodes.js";
import { cacheTypeOf } from "./weight-types.js";
import { deviceEnvironment, describeSharedHosts } from "./hosts.js";
import { addressLines } from "./literal-address.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { findEngine } from "../../engines/engines.js";
import { refuseFamily } from "../../engines/refuse-family.js";
import { writeScript, type Words } from "./script.js";

const PORT = 31_337;

/**
 * Petals: every node serves its blocks; clients enter a span in its middle and run to its end, as
 * partial inference does. Weights are not carried: clients choose by measured throughput.
 */
export function exportPetals(request: ExportRequest): ExportOutcome {
  const nodes = listRunning(request);
  if (nodes.length === 0) return { kind: "refused", refusals: [NOTHING_FLOWS] };
  const reason = refuseFamily(findEngine("petals"), request.cluster.model);
  if (reason !== undefined) {
    const remedy = "Export to another target, such as parallax.";
    return { kind: "refused", refusals: [{ reason, nodes: [], layers: [], remedy }] };
  }
  const names = nameFiles(nodes.map(({ id }) => id));
  const paths = names.map((name, index) => `${index === 0 ? "first" : "server"}-${name}.sh`);
  return {
    kind: "exported",
    files: nodes.map((node, index) => ({
      path: paths[index]!,
      text: petalsScript(request, node, index === 0),
    })),
    steps: [
      `On ${quoteMarkdown(hostOf(request, nodes[0]!.id))} run ${quoteMarkdown(`bash ${paths[0]!}`)}. It prints the address of the new swarm (\`/ip4/…/p2p/…\`).`,
      ...(nodes.length === 1
        ? []
        : [
            `On every other node set \`INITIAL_PEERS\` to that address and run its script:\n${nodes
              .slice(1)
              .map(
                ({ id }, index) =>
                  `   - on ${quoteMarkdown(hostOf(request, id))}: ${quoteMarkdown(`INITIAL_PEERS=… bash ${paths[index + 1]!}`)}`,
              )
              .join("\n")}`,
          ]),
    ],
    notCarried: [
      "the weights of the routes: clients choose by measured throughput and latency",
      "a share of memory and the sequences: Petals takes what blocks and cache need",
      ...(request.modelGiven
        ? []
        : [
            `where the weights are: ${quoteMarkdown(request.model)} is the plan's name for them (\`--model\`)`,
          ]),
      ...(cacheTypeOf(request.cluster.model) === undefined
        ? []
        : ["the type of the cache: Petals keeps it in 16 bits"]),
    ],
    notes: [
      "Petals carries the layers, not the weights: its clients choose routes by measured throughput and latency.",
      ...(request.file.partialInference === false
        ? ["The plan allows no entry in the middle of a span; Petals clients may still do so."]
        : []),
      `Servers listen on port ${PORT}; the \`port\` column of --addresses changes it.`,
      "`--public_ip` takes an address only; where --addresses has names, the scripts look them up.",
      "`--quant_type none` keeps the checkpoint's own type; Petals would take NF4 otherwise.",
      ...describeSharedHosts(request),
    ],
  };
}

function petalsScript(request: ExportRequest, node: RunningNode, first: boolean): string {
  const { id, layers, gpus } = node;
  const { batching } = chooseEngine(request.cluster, { engine: "petals" }).engine;
  const words: Words = [
    ["python", "-m", "petals.cli.run_server", request.model],
    ["--block_indices", `${layers[0]}:${layers[1]}`],
    ["--port", String(portOf(request, id, PORT))],
    ["--public_ip", { shell: '"$address"' }],
    ["--quant_type", quantType(request)],
    ...(node.kvCacheTokens === undefined
      ? []
      : [["--attn_cache_tokens", String(Math.floor(node.kvCacheTokens))]]),
    ...(batching.kind === "per-server" ? [["--max_batch_size", String(batching.batchTokens)]] : []),
    ...(gpus === 1
      ? []
      : [
          ["--tensor_parallel_devices", ...Array.from({ length: gpus }, (_, gpu) => `cuda:${gpu}`)],
        ]),
    first ? ["--new_swarm"] : ["--initial_peers", { shell: '"${INITIAL_PEERS:?}"' }],
  ];
  return writeScript(
    [`helix-place blocks ${layers[0]}:${layers[1]} node ${quoteLine(id)}`],
    deviceEnvironment(request, id),
    words,
    addressLines(hostOf(request, id)),
  );
}

/** Petals' own types: NF4 and INT8, or the checkpoint's. */
function quantType({ cluster }: ExportRequest): string {
  const asked = cluster.model.askedTypes?.weights?.toLowerCase();
  if (asked === "nf4" || asked === "int4") return "nf4";
  return asked === "int8" ? "int8" : "none";
}
