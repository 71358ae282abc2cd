import { GIGA } from "../../core/units.js";
import type { ChangeFile } from "../../formats/change-schema.js";
import type { ChainTimeline } from "./chain-timeline.js";
import type { ChangeRules } from "./change-rules.js";
import type { Chain } from "./chains.js";
import { hostOf } from "./endpoint.js";
import type { Exported, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { describeNotCarried } from "./readme.js";
import type { ExportTarget } from "./targets.js";

/** The files of one step, or of the weights at the end. */
export interface WrittenStep {
  readonly folder: string;
  readonly outcome: Exported;
}

export interface ChangeFacts {
  readonly request: ExportRequest;
  readonly target: ExportTarget;
  readonly rules: ChangeRules;
  readonly timeline: ChainTimeline;
  readonly change: ChangeFile;
  readonly broken: readonly { readonly name: string; readonly left: readonly string[] }[];
  readonly steps: readonly WrittenStep[];
  readonly last: Exported;
}

/** The README of a change: what runs through, and step by step what ends, what starts and the weights meanwhile. */
export function writeChangeReadme(facts: ChangeFacts): string {
  const { request, target, timeline, last } = facts;
  const { file } = request;
  const count = timeline.steps.length;
  const kept = timeline.kept.map(({ name }) => name).join(", ");
  const steps = timeline.steps.map((_, at) => describeStep(facts, at));
  return `# ${target.title}: ${quoteMarkdown(file.model.name)} on ${quoteMarkdown(file.cluster.name)}, a change in ${count} ${count === 1 ? "step" : "steps"}

${describeNotCarried(last.notCarried)}

Chains are called as in the export of the placement that runs; new ones are numbered on. ${kept === "" ? "No chain runs through." : `Untouched, and not in these files: ${kept}.`}

${steps.join("\n\n")}

## At the end

${describeWeights(timeline.end)}${nameFiles(facts, "end")}

| chain | weight | flow, tokens/s | nodes and layers |
| --- | ---: | ---: | --- |
${timeline.end.map(describeChain).join("\n")}

## What to know

${[...last.notes, SHARED_NOTE].map((note) => `- ${note}`).join("\n")}
`;
}

function describeStep(facts: ChangeFacts, at: number): string {
  const { request, timeline, change, broken, target, rules } = facts;
  const { stops, serving, starts } = timeline.steps[at]!;
  const step = change.steps[at];
  const folder = `step-${at + 1}`;
  const size =
    step === undefined
      ? ""
      : `: ${(step.bytes / GIGA).toFixed(2)} GB to load, ${step.seconds.toFixed(1)} s`;
  const hosts = (ids: readonly string[]): string =>
    ids.map((id) => quoteMarkdown(hostOf(request, id))).join(", ");
  const end = (name: string, ids: readonly string[]): string =>
    rules.stop?.(name) ??
    `end what its files started${ids.length === 0 ? "" : ` on ${hosts(ids)}`}`;
  const lines = [
    ...(at === 0 ? broken : []).map(
      ({ name, left }) => `${name} lost a node and serves nothing: ${end(name, left)}.`,
    ),
    `${serving.length === 0 ? "Nothing serves while this lasts." : describeWeights(serving)}${target.engine === undefined ? nameFiles(facts, folder) : ""}`,
    ...stops.map(
      (chain) =>
        `Once its requests have finished, ${chain.name} ends: ${end(
          chain.name,
          chain.stages.map(({ id }) => id),
        )}.`,
    ),
    ...describeStarts(facts, folder, starts),
  ];
  return `## Step ${at + 1}${size}\n\n${lines.map((line, index) => `${index + 1}. ${line}`).join("\n")}`;
}

/** What the target says of the chains that start; of all files where it says nothing chain by chain. */
function describeStarts(
  { steps, target }: ChangeFacts,
  folder: string,
  starts: readonly Chain[],
): readonly string[] {
  if (starts.length === 0) return [];
  const names = starts.map(({ name }) => name).join(", ");
  if (target.engine === undefined) return [`Start ${names}, from the export for the engine.`];
  const { outcome } = steps.find((step) => step.folder === folder)!;
  const own = outcome.steps.filter((text) =>
    starts.some(({ name }) => text.startsWith(`${name} `)),
  );
  const texts = own.length === 0 ? outcome.steps : own;
  return [`Start ${names}, in the folder ${quoteMarkdown(folder)}:`, ...texts];
}

function describeWeights(chains: readonly Chain[]): string {
  const flow = chains.reduce((sum, chain) => sum + chain.flow, 0);
  const weights = chains.map(({ name, weight }) => `${name} ${weight}`).join(", ");
  return `Weights: ${weights} (${flow.toFixed(1)} tokens/s of flow).`;
}

function nameFiles({ steps }: ChangeFacts, folder: string): string {
  const files = steps.find((step) => step.folder === folder)?.outcome.files ?? [];
  if (files.length === 0) return "";
  return ` They are in ${files.map(({ path }) => quoteMarkdown(`${folder}/${path}`)).join(", ")}.`;
}

function describeChain({ name, weight, flow, stages }: Chain): string {
  const route = stages
    .map(({ id, layers: [start, end] }) => `${quoteMarkdown(id)} [${start}, ${end})`)
    .join(" → ")
    .replaceAll("|", String.raw`\|`);
  return `| ${name} | ${weight} | ${flow.toFixed(1)} | ${route} |`;
}

const SHARED_NOTE =
  "Where several chains stand on one host, ports and cards are given out in the order of the chains, and another order may give others than those that run: name them in the columns `port` and `devices` of --addresses.";
