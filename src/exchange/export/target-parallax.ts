import { describeTrimmed, findPartial, listRuns, NOTHING_FLOWS } from "./pipeline-runs.js";
import { COORDINATOR_ID } from "../../core/cluster.js";
import { hostOf } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteLine, quoteMarkdown } from "./quote.js";
import { listRunning, type RunningNode } from "./running-nodes.js";
import { writeScript, type Words } from "./script.js";

/**
 * Parallax: a scheduler and nodes with fixed layers; a node may serve several pipelines as long as
 * every border is one: the end of one node is the start of the next.
 */
export function exportParallax(request: ExportRequest): ExportOutcome {
  const refusals = findPartial(request.cluster, request.file);
  const runs = listRuns(request.file);
  const nodes = listRunning(request).map((node) => {
    return { ...node, layers: runs.get(node.id)!.intervals[0]! };
  });
  if (nodes.length === 0) refusals.push(NOTHING_FLOWS);
  if (refusals.length > 0) return { kind: "refused", refusals };
  const names = nameFiles(nodes.map(({ id }) => id));
  const run: Words = [["parallax", "run", "-m", request.model, "-n", String(nodes.length)]];
  const joins = nodes.map(({ id }, index) => {
    const command = `SCHEDULER=… bash node-${names[index]!}.sh`;
    return `   - on ${quoteMarkdown(hostOf(request, id))}: ${quoteMarkdown(command)}`;
  });
  return {
    kind: "exported",
    files: [
      { path: "scheduler.sh", text: writeScript([], {}, run) },
      ...nodes.map((node, index) => ({
        path: `node-${names[index]!}.sh`,
        text: joinScript(request, node),
      })),
    ],
    steps: [
      `On ${quoteMarkdown(hostOf(request, COORDINATOR_ID))} run \`bash scheduler.sh\`; it prints its address.`,
      `On every node set \`SCHEDULER\` to that address and run its script:\n${joins.join("\n")}`,
    ],
    notes: [
      "Without a scheduler, `parallax serve` takes the same `--start-layer` and `--end-layer` (end exclusive).",
      "Parallax chooses routes itself: the weights of the plan are not carried.",
      ...describeTrimmed(request.file),
    ],
  };
}

function joinScript(request: ExportRequest, { id, layers, gpus }: RunningNode): string {
  const words: Words = [
    ["parallax", "join", "-s", { shell: '"${SCHEDULER:?}"' }],
    ["--model-path", request.model],
    ["--start-layer", String(layers[0]), "--end-layer", String(layers[1])],
    ...(gpus === 1 ? [] : [["--tp-size", String(gpus)]]),
  ];
  return writeScript(
    [`helix-place blocks ${layers[0]}:${layers[1]} node ${quoteLine(id)}`],
    {},
    words,
  );
}
