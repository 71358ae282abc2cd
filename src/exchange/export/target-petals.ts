import { hostOf, portOf } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import { NOTHING_FLOWS } from "./pipeline-runs.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteLine, quoteMarkdown } from "./quote.js";
import { listRunning, type RunningNode } from "./running-nodes.js";
import { writeScript, type Words } from "./script.js";

const PORT = 31_337;

/**
 * Petals: every node serves its blocks; clients enter a span in its middle and run to its end, as
 * partial inference does. Weights are not carried: clients choose by measured throughput.
 */
export function exportPetals(request: ExportRequest): ExportOutcome {
  const nodes = listRunning(request);
  if (nodes.length === 0) return { kind: "refused", refusals: [NOTHING_FLOWS] };
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
    notes: [
      "Petals carries the layers, not the weights: its clients choose routes by measured throughput and latency.",
      ...(request.file.partialInference === false
        ? ["The plan allows no entry in the middle of a span; Petals clients may still do so."]
        : []),
      `Servers listen on port ${PORT}; the \`port\` column of --addresses changes it.`,
    ],
  };
}

function petalsScript(request: ExportRequest, node: RunningNode, first: boolean): string {
  const { id, layers, gpus } = node;
  const words: Words = [
    ["python", "-m", "petals.cli.run_server", request.model],
    ["--block_indices", `${layers[0]}:${layers[1]}`],
    ["--port", String(portOf(request, id, PORT))],
    ["--public_ip", hostOf(request, id)],
    ...(gpus === 1
      ? []
      : [
          ["--tensor_parallel_devices", ...Array.from({ length: gpus }, (_, gpu) => `cuda:${gpu}`)],
        ]),
    first ? ["--new_swarm"] : ["--initial_peers", { shell: '"${INITIAL_PEERS:?}"' }],
  ];
  return writeScript(
    [`helix-place blocks ${layers[0]}:${layers[1]} node ${quoteLine(id)}`],
    {},
    words,
  );
}
