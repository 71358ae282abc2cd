import { estimateNotes } from "../../core/estimate-notes.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { extractChains } from "./chains.js";
import type { Exported, ExportRequest } from "./outcome.js";
import { escapeCell, quoteMarkdown } from "./quote.js";
import type { ExportTarget } from "./targets.js";

/** The README that goes beside the exported files: the plan, what to run where, what is not carried. */
export function writeReadme(
  request: ExportRequest,
  target: ExportTarget,
  exported: Exported,
): string {
  const { file } = request;
  const { files, steps, notes, notCarried } = exported;
  const left = listIdle(file);
  const idle =
    left.length === 0
      ? []
      : [`Nodes without flow in the plan are left out: ${left.map(quoteMarkdown).join(", ")}.`];
  return `# ${target.title}: ${quoteMarkdown(file.model.name)} on ${quoteMarkdown(file.cluster.name)}

${describeNotCarried(notCarried)}

${describePlanned(file)} Layers are half-open intervals from 0.
${describeEstimates(request)}${describeExpected(request)}
${describePlan(request, exported)}

## What to run where

${steps.map((step, index) => `${index + 1}. ${step}`).join("\n")}

## What to know

${[...notes, ...idle].map((note) => `- ${note}`).join("\n")}

## Files

${files.map(({ path }) => `- ${quoteMarkdown(path)}`).join("\n")}
`;
}

/** What the plan promises, and what its flow is: of cards that are estimated far less is served than flows. */
function describePlanned(file: PlacementFile): string {
  const { served, engine = "helix", upperBound, bound } = file;
  const flow = `${file.throughput.toFixed(1)} tokens/s`;
  const most = `${upperBound.toFixed(1)} (${bound})`;
  if (served === undefined) return `Planned flow ${flow}; no placement has more than ${most}.`;
  const { at, decodeTokensPerSecond, promptTokensPerSecond } = served;
  const figures = `${decodeTokensPerSecond.toFixed(1)} decode and ${promptTokensPerSecond.toFixed(1)} prompt tokens/s`;
  const promise =
    at === "saturation"
      ? `Planned to serve ${figures} (simulated at full load, engine ${engine}).`
      : `Planned to keep its limits on latency with up to ${at.rate.toFixed(1)} prompt and output tokens/s arriving at random, and to serve ${figures} then (simulated at that rate, engine ${engine}).`;
  return `${promise} Its flow, ${flow}, is the most that goes through these layers, not a promise; no placement has more than ${most}.`;
}

/** Whose times are no measurements, and how far off they may be. */
function describeEstimates({ cluster }: ExportRequest): string {
  const machines = estimateNotes(cluster).map(
    ({ where, effect }) => `${quoteMarkdown(where)} (${effect})`,
  );
  return machines.length === 0
    ? ""
    : `\nThese figures rest on capacities that are estimated, not measured: ${machines.join(", ")}.\n`;
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

function describePlan(request: ExportRequest, { cacheTokens }: Exported): string {
  const extracted = extractChains(request.cluster, request.file, request.served);
  if (extracted.kind === "refused") return describeNodes(request.file);
  const rows = extracted.chains.map(({ name, weight, flow, stages, kvCacheTokens }) => {
    const route = stages
      .map(({ id, layers: [start, end] }) => `${escapeCell(quoteMarkdown(id))} [${start}, ${end})`)
      .join(" → ");
    const room = kvCacheTokens === undefined ? "–" : String(kvCacheTokens);
    const given = cacheTokens?.get(name);
    const kv = given === undefined ? room : `${given} of ${room}`;
    return `| ${name} | ${weight} | ${flow.toFixed(1)} | ${kv} | ${route} |`;
  });
  const bySimulation = [...(request.served?.values() ?? [])].some((rate) => rate > 0);
  const weights =
    rows.length < 2
      ? ""
      : `\n\nWeights are shares of the requests, by ${bySimulation ? "what each chain serves at full load in a short simulation, which its flow may exceed by much" : "the flow of each chain"}.`;
  return `| chain | weight | flow, tokens/s | KV cache, tokens | nodes and layers |\n| --- | ---: | ---: | ---: | --- |\n${rows.join("\n")}${weights}`;
}

function describeNodes(file: PlacementFile): string {
  const rows = file.nodes.flatMap(({ id, layers, flow }) =>
    layers === null || flow === 0
      ? []
      : [
          `| ${escapeCell(quoteMarkdown(id))} | [${layers[0]}, ${layers[1]}) | ${flow.toFixed(1)} |`,
        ],
  );
  return `| node | layers | flow, tokens/s |\n| --- | --- | ---: |\n${rows.join("\n")}`;
}

function listIdle(file: PlacementFile): readonly string[] {
  const used = new Set(file.pipelines.flatMap(({ stages }) => stages.map(({ node }) => node)));
  return file.nodes.filter(({ id }) => !used.has(id)).map(({ id }) => id);
}
