import { smallest } from "../core/extremes.js";
import type { ClusterFile, NodeEntry } from "../formats/cluster-schema.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { GIGA, BITS_PER_BYTE } from "../core/units.js";
import { hasKvLimit } from "../serving/served/more-kv.js";
import { applyChanges, nameLinkClass, type MachineShelf } from "./apply-changes.js";
import { withoutNode, idsOf } from "./edit-nodes.js";
import { priceOfEntry } from "./entry-price.js";
import type { MarginalValue } from "./marginal-value.js";
import type { ScenarioJob } from "./scenario.js";
import { listLinkClasses } from "./widen-links.js";

/** One Gb/s, in bytes per second. */
const ONE_GIGABIT = GIGA / BITS_PER_BYTE;

/** Kinds of machines, in regions, of which one more is tried: those of the cluster, then others. */
export interface ExtraMachine {
  readonly machine: string;
  readonly region?: string;
}

/** A cluster to plan for the value of one thing. */
export interface MarginalTrial extends Pick<MarginalValue, "what" | "kind" | "change"> {
  readonly job: ScenarioJob;
  /** Whether a plan of today's cluster works here as it is, so that nothing worse is an answer. */
  readonly holds: (plan: PlacementFile | undefined) => boolean;
  /** Of the machine, where it is known. */
  readonly pricePerHour?: number;
}

/** What today's cluster is planned with again, from today's placement. */
export interface TrialsAsked {
  readonly job: ScenarioJob;
  readonly placement: PlacementFile | undefined;
  readonly extras: readonly ExtraMachine[];
  readonly shelf: MachineShelf;
  /** Whether memory for KV can matter: flow does not depend on it. */
  readonly withMemory: boolean;
}

/** One more of each kind of machine, Gb/s and GB for KV; then one machine less of each kind that is there. */
export function listTrials(asked: TrialsAsked): readonly MarginalTrial[] {
  return [...listMore(asked), ...listLinks(asked), ...listMemory(asked), ...listLess(asked)];
}

/** One more of something may be left idle. */
const always = (): boolean => true;

function namePlace({ machine, region }: ExtraMachine): string {
  return `1 × ${machine}${region === undefined ? "" : ` in ${region}`}`;
}

function pricedAs(file: ClusterFile, entry: NodeEntry): Pick<MarginalTrial, "pricePerHour"> {
  const price = priceOfEntry(file, entry);
  return price === undefined ? {} : { pricePerHour: price };
}

type TrialOf = Omit<MarginalTrial, "job" | "what">;

function makeTrial(
  { job, placement }: TrialsAsked,
  what: string,
  rest: TrialOf,
  own: Partial<ScenarioJob>,
): MarginalTrial {
  const start = placement === undefined ? {} : { warmStart: placement };
  return { ...rest, what, job: { ...job, ...start, ...own, name: `one ${rest.change}: ${what}` } };
}

function listMore(asked: TrialsAsked): readonly MarginalTrial[] {
  return asked.extras.map((extra) => {
    const { machine, region } = extra;
    const change = {
      kind: "add" as const,
      count: 1,
      machine,
      ...(region === undefined ? {} : { region }),
    };
    const what = namePlace(extra);
    const file = applyChanges(asked.job.file, { name: what, changes: [change] }, asked.shelf);
    const price = pricedAs(file, file.nodes.at(-1)!);
    const rest = { kind: "machine", change: "more", holds: always, ...price } as const;
    return makeTrial(asked, what, rest, { file });
  });
}

function listLinks(asked: TrialsAsked): readonly MarginalTrial[] {
  const { file } = asked.job;
  return listLinkClasses(file).map((links) => {
    const what = `1 Gb/s on ${nameLinkClass(file, links)}`;
    const change = { kind: "bandwidth" as const, links, addBytesPerSecond: ONE_GIGABIT };
    const wider = applyChanges(file, { name: what, changes: [change] });
    const rest = { kind: "bandwidth", change: "more", holds: always } as const;
    return makeTrial(asked, what, rest, { file: wider });
  });
}

function listMemory(asked: TrialsAsked): readonly MarginalTrial[] {
  if (!asked.withMemory) return [];
  const { name, file, referencedModel } = asked.job;
  const cluster = resolveCluster(name, file, referencedModel);
  const used = [...new Set(file.nodes.map(({ machine }) => machine))];
  return used
    .filter((machine) => hasKvLimit(cluster, machine))
    .map((machine) => {
      const rest = { kind: "memory", change: "more", holds: always } as const;
      const moreKv = { machine, bytes: GIGA };
      return makeTrial(asked, `1 GB of KV on every ${machine}`, rest, { moreKv });
    });
}

/** Of machines that are alike, the one that today's plan needs least goes. */
function listLess(asked: TrialsAsked): readonly MarginalTrial[] {
  const { file } = asked.job;
  const kinds = new Map<string, { readonly machine: string; readonly region?: string }>();
  for (const { machine, region } of file.nodes) {
    const kind = { machine, ...(region === undefined ? {} : { region }) };
    kinds.set(JSON.stringify([machine, region]), kind);
  }
  return [...kinds.values()].flatMap((kind) => {
    const alike = file.nodes.filter(
      ({ machine, region }) => machine === kind.machine && region === kind.region,
    );
    const ids = alike.flatMap(idsOf);
    const work = ids.map((id) => workOf(id, asked.placement));
    const gone = ids[work.indexOf(smallest(work))]!;
    const left = withoutNode(file, gone);
    if (left.nodes.length === 0) return [];
    const holds = (plan: PlacementFile | undefined): boolean =>
      plan !== undefined && workOf(gone, plan) === 0;
    const price = pricedAs(
      file,
      alike.find((entry) => idsOf(entry).includes(gone))!,
    );
    const rest = { kind: "machine", change: "less", holds, ...price } as const;
    return [makeTrial(asked, namePlace(kind), rest, { file: left })];
  });
}

/** What a machine, or its parts together, carry in a plan, a part that holds layers at least something. */
function workOf(id: string, placement: PlacementFile | undefined): number {
  return (placement?.nodes ?? [])
    .filter((node) => node.id === id || node.machine === id)
    .reduce((sum, { layers, flow }) => sum + (layers === null ? 0 : Math.max(flow, 1e-9)), 0);
}
