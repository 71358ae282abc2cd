import type { Cluster } from "../../core/cluster.js";
import type { ChangeFile } from "../../formats/change-schema.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { MOST_BACKENDS } from "./chain-groups.js";
import { CHANGE_RULES } from "./change-rules.js";
import { timeChains, type ChainTimeline } from "./chain-timeline.js";
import { extractChains, type Chain } from "./chains.js";
import { writeChangeReadme, type WrittenStep } from "./change-readme.js";
import { prepareRequest, type ExportOptions } from "./export-placement.js";
import type { Exported, ExportFile, ExportOutcome, ExportRequest, Refused } from "./outcome.js";
import { findShared } from "./pipeline-runs.js";
import { EXPORT_TARGETS, type ExportTarget } from "./targets.js";

/** A change and both of its ends. */
export interface ExportedChange {
  /** The placement that runs. Its cluster may have had more nodes. */
  readonly running: PlacementFile;
  /** The placement that the change leads to; it holds for the cluster. */
  readonly file: PlacementFile;
  /** The way there, from `running` to `file` (`requireChange`). */
  readonly change: ChangeFile;
}

/**
 * What a serving stack needs to go from the placement that runs to another: for every step a folder with the files of
 * the chains that start in it, or with the weights that hold while it lasts, and a README that says what ends when. What
 * runs through is not written. Only for targets that run or weigh whole chains.
 * @throws InputError when a node has no address and its id cannot be a host name.
 */
export function exportChange(
  cluster: Cluster,
  { running, file, change }: ExportedChange,
  options: ExportOptions,
): ExportOutcome {
  const target: ExportTarget = EXPORT_TARGETS[options.target];
  const rules = CHANGE_RULES[options.target] ?? {};
  if (rules.chains === false) return refuse(NO_CHAINS);
  const before = runningChains(cluster, running);
  if (before.kind === "refused") return before;
  const next = extractChains(cluster, file);
  if (next.kind === "refused") return next;
  const stepOf = new Map(
    change.steps.flatMap(({ nodes }, at) => nodes.map(({ id }) => [id, at + 1] as const)),
  );
  const timeline = timeChains({
    running: before.chains,
    next: next.chains,
    taken: running.pipelines.length,
    stepOf,
    steps: change.steps.length,
  });
  const widest = Math.max(
    timeline.end.length,
    ...timeline.steps.map(({ serving, starts }) => serving.length + starts.length),
  );
  if (rules.groupsChains === true && widest > MOST_BACKENDS) return refuse(TOO_MANY);
  const both = withRunning(file, running, before.chains);
  const request = prepareRequest(cluster, both, options);
  const written = writeSteps(request, target, timeline);
  if (written.kind === "refused") return written;
  const { steps, last } = written;
  const readme = writeChangeReadme({
    request,
    target,
    rules,
    timeline,
    change,
    steps,
    last,
    ...before,
  });
  const files = steps.flatMap(({ folder, outcome }) =>
    outcome.files.map(({ path, text }) => ({ path: `${folder}/${path}`, text })),
  );
  return { ...last, files: [{ path: "README.md", text: readme }, ...files] };
}

interface RunningChains {
  readonly kind: "chains";
  /** Under the names that an export of the placement gave them. */
  readonly chains: readonly Chain[];
  /** Chains that lost a node, with the nodes that are left of them. */
  readonly broken: readonly { readonly name: string; readonly left: readonly string[] }[];
}

/** The chains that run, without those that lost a node. */
function runningChains(cluster: Cluster, running: PlacementFile): RunningChains | Refused {
  const shared = findShared(running);
  if (shared.length > 0)
    return {
      kind: "refused",
      refusals: shared.map((refusal) => ({
        ...refusal,
        reason: `${refusal.reason} in the placement that runs`,
        remedy: WHOLE,
      })),
    };
  const known = new Set(cluster.nodes.map(({ id }) => id));
  const named = [...running.pipelines]
    .sort((a, b) => b.flow - a.flow)
    .map((pipeline, at) => ({ name: `chain-${at + 1}`, pipeline }));
  const isWhole = ({ pipeline }: (typeof named)[number]): boolean =>
    pipeline.stages.every(({ node }) => known.has(node));
  const whole = named.filter(isWhole);
  const broken = named
    .filter((each) => !isWhole(each))
    .map(({ name, pipeline }) => ({
      name,
      left: pipeline.stages.map(({ node }) => node).filter((node) => known.has(node)),
    }));
  if (whole.length === 0) return { kind: "chains", chains: [], broken };
  const pipelines = whole.map(({ pipeline }) => pipeline);
  const extracted = extractChains(cluster, { ...running, pipelines });
  if (extracted.kind === "refused") return extracted;
  const chains = extracted.chains.map((chain, at) => ({ ...chain, name: whole[at]!.name }));
  return { kind: "chains", chains, broken };
}

/** The new placement's file with the pipelines that run before it, so that all their nodes have addresses. */
function withRunning(
  file: PlacementFile,
  running: PlacementFile,
  chains: readonly Chain[],
): PlacementFile {
  const used = new Set(file.pipelines.flatMap(({ stages }) => stages.map(({ node }) => node)));
  const old = new Map(running.nodes.map((node) => [node.id, node]));
  return {
    ...file,
    pipelines: [...file.pipelines, ...chains.map(asPipeline)],
    nodes: file.nodes.map((node) => (used.has(node.id) ? node : (old.get(node.id) ?? node))),
  };
}

function asPipeline({ flow, weight, stages }: Chain): PlacementFile["pipelines"][number] {
  return {
    weight,
    flow,
    stages: stages.map(({ id, layers: [start, end] }) => ({ node: id, layers: [start, end] })),
  };
}

type Written =
  | Refused
  | {
      readonly kind: "written";
      readonly steps: readonly WrittenStep[];
      /** The export of the last state, whose notes hold for all. */
      readonly last: Exported;
    };

/** Engines get the chains that start in a step; balancers the weights while it lasts, and those at the end. */
function writeSteps(
  request: ExportRequest,
  target: ExportTarget,
  { steps, end }: ChainTimeline,
): Written {
  const exportChains = (chains: readonly Chain[]): ExportOutcome => {
    const pipelines = chains.map(asPipeline);
    return target.export({ ...request, chains, file: { ...request.file, pipelines } });
  };
  const balances = target.engine === undefined;
  const written: WrittenStep[] = [];
  let weights: readonly ExportFile[] = [];
  for (const { folder, chains, starts, changes } of listStates(steps, end, balances)) {
    if (chains.length === 0 || !changes) continue;
    const outcome = exportChains(chains);
    if (outcome.kind === "refused") return outcome;
    const isOld = ({ path, text }: ExportFile): boolean =>
      weights.some((file) => file.path === path && file.text === text);
    const files = outcome.files.filter((file) => {
      if (balances) return !isOld(file);
      const chain = chainOf(file);
      return chain === undefined || starts.has(chain);
    });
    if (balances) weights = outcome.files;
    written.push({ folder, outcome: { ...outcome, files } });
  }
  const last = exportChains(end);
  return last.kind === "refused" ? last : { kind: "written", steps: written, last };
}

interface State {
  readonly folder: string;
  /** All that the files speak of. */
  readonly chains: readonly Chain[];
  /** Names of those that start. */
  readonly starts: ReadonlySet<string>;
  readonly changes: boolean;
}

function listStates(
  steps: ChainTimeline["steps"],
  end: readonly Chain[],
  balances: boolean,
): readonly State[] {
  const none = new Set<string>();
  const during = steps.map(({ stops, serving, starts }, at): State => ({
    folder: `step-${at + 1}`,
    chains: balances ? serving : [...serving, ...starts],
    starts: new Set(starts.map(({ name }) => name)),
    changes: balances || stops.length + starts.length > 0,
  }));
  return balances
    ? [...during, { folder: "end", chains: end, starts: none, changes: true }]
    : during;
}

/** The chain whose own a file is. */
function chainOf({ path }: ExportFile): string | undefined {
  return /^chain-\d+(?=[/.])/.exec(path)?.[0];
}

const WHOLE = "Export the new placement as a whole, without --change, and start everything anew.";

const NO_CHAINS = {
  reason: "its nodes are told of all others together, so no step of a change can be written alone",
  nodes: [],
  layers: [],
  remedy: WHOLE,
};

const TOO_MANY = {
  reason: `more than ${MOST_BACKENDS} chains share Services, and other chains would do so after each step`,
  nodes: [],
  layers: [],
  remedy: WHOLE,
};

function refuse(refusal: Refused["refusals"][number]): Refused {
  return { kind: "refused", refusals: [refusal] };
}
