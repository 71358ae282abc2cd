import type { PlacementFile } from "../../formats/placement-schema.js";
import { extractChains } from "./chains.js";
import type { Exported, ExportRequest } from "./outcome.js";
import { escapeCell, quoteMarkdown } from "./quote.js";
import type { ExportTarget } from "./targets.js";

/** The README that goes beside the exported files: the plan, what to run where, what is not carried. */
export function writeReadme(
  request: ExportRequest,
  target: ExportTarget,
  { files, steps, notes, notCarried }: Exported,
): string {
  const { file } = request;
  const left = listIdle(file);
  const idle =
    left.length === 0
      ? []
      : [`Nodes without flow in the plan are left out: ${left.map(quoteMarkdown).join(", ")}.`];
  return `# ${target.title}: ${quoteMarkdown(file.model.name)} on ${quoteMarkdown(file.cluster.name)}

${describeNotCarried(notCarried)}

Planned throughput ${file.throughput.toFixed(1)} tokens/s, at most ${file.upperBound.toFixed(1)} (${file.bound}). Layers are half-open intervals from 0.
${describeExpected(request)}
${describePlan(request)}

## What to run where

${steps.map((step, index) => `${index + 1}. ${step}`).join("\n")}

## What to know

${[...notes, ...idle].map((note) => `- ${note}`).join("\n")}

## Files

${files.map(({ path }) => `- ${quoteMarkdown(path)}`).join("\n")}
`;
}

/** What the files leave to whoever runs them. */
export function describeNotCarried(notCarried: readonly string[]): string {
  if (notCarried.length === 0) return "These files carry everything that the plan relied on.";
  const lines = notCarried.map((text) => `- ${text}`).join("\n");
  return `**Not carried by these files, so see to it yourself:**\n\n${lines}`;
}

function describeExpected({ expected }: ExportRequest): string {
  return expected === undefined ? "" : `\n${expected.join("\n\n")}\n`;
}

function describePlan(request: ExportRequest): string {
  const extracted = extractChains(request.cluster, request.file, request.served);
  if (extracted.kind === "refused") return describeNodes(request.file);
  const rows = extracted.chains.map(({ name, weight, flow, stages, kvCacheTokens }) => {
    const route = stages
      .map(({ id, layers: [start, end] }) => `${escapeCell(quoteMarkdown(id))} [${start}, ${end})`)
      .join(" → ");
    const kv = kvCacheTokens === undefined ? "–" : String(kvCacheTokens);
    return `| ${name} | ${weight} | ${flow.toFixed(1)} | ${kv} | ${route} |`;
  });
  return `| chain | weight | tokens/s | KV cache, tokens | nodes and layers |\n| --- | ---: | ---: | ---: | --- |\n${rows.join("\n")}`;
}

function describeNodes(file: PlacementFile): string {
  const rows = file.nodes.flatMap(({ id, layers, flow }) =>
    layers === null || flow === 0
      ? []
      : [
          `| ${escapeCell(quoteMarkdown(id))} | [${layers[0]}, ${layers[1]}) | ${flow.toFixed(1)} |`,
        ],
  );
  return `| node | layers | tokens/s |\n| --- | --- | ---: |\n${rows.join("\n")}`;
}

function listIdle(file: PlacementFile): readonly string[] {
  const used = new Set(file.pipelines.flatMap(({ stages }) => stages.map(({ node }) => node)));
  return file.nodes.filter(({ id }) => !used.has(id)).map(({ id }) => id);
}
