import { preferEngine, type AskedEngine } from "../../core/engine-choice.js";
import { engineOfPlacement } from "../../formats/read-engine.js";
import { keepOperand } from "../../core/quote-shell.js";
import { COORDINATOR_ID, type Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { writeReadme } from "./readme.js";
import { EXPORT_TARGETS, type ExportTarget, type ExportTargetName } from "./targets.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { isHost, type Address } from "../../formats/read-addresses.js";

export interface ExportOptions {
  readonly target: ExportTargetName;
  /** By node id, and `coordinator`. Nodes not in it are reached under their own id. */
  readonly addresses?: ReadonlyMap<string, Address>;
  /** The file that they were read from. */
  readonly addressFile?: string;
  /** Name or path of the weights, as the engine knows them. Default: the model's name. */
  readonly model?: string;
  /** What the target's engine makes of the placement, for the README: Markdown paragraphs. */
  readonly expected?: readonly string[];
  /**
   * What each chain serves at full load, by the id of its first node, in any unit (`servedByChain`): requests
   * are handed out by it. Absent: by the chains' flows, of which deep chains serve a small part.
   */
  readonly served?: ReadonlyMap<string, number>;
  /** What is set of the engine otherwise than in the plan; the engine itself only where the target leaves it open. */
  readonly engine?: AskedEngine;
}

/**
 * The files with which a serving stack runs a placement, a README among them; or why it cannot.
 * @param file a placement that holds for the cluster (`checkPlacement`).
 * @throws InputError when a node has no address and its id cannot be a host name.
 */
export function exportPlacement(
  cluster: Cluster,
  file: PlacementFile,
  options: ExportOptions,
): ExportOutcome {
  const target = EXPORT_TARGETS[options.target];
  const request = prepareRequest(cluster, file, options);
  const outcome = target.export(request);
  if (outcome.kind === "refused") return outcome;
  const readme = { path: "README.md", text: writeReadme(request, target, outcome) };
  return { ...outcome, files: [readme, ...outcome.files] };
}

/** What an exporter gets. @throws InputError when a node has no address and its id cannot be a host name. */
export function prepareRequest(
  cluster: Cluster,
  file: PlacementFile,
  options: ExportOptions,
): ExportRequest {
  return {
    cluster: withPlannedEngine(cluster, file, options),
    file,
    model: keepOperand(options.model ?? cluster.model.name),
    modelGiven: options.model !== undefined,
    ...(options.expected === undefined ? {} : { expected: options.expected }),
    ...(options.served === undefined ? {} : { served: options.served }),
    addresses: completeAddresses(cluster, file, options),
  };
}

/** The cluster with the engine that the placement was planned for, and what is set otherwise for this export. */
function withPlannedEngine(cluster: Cluster, file: PlacementFile, options: ExportOptions): Cluster {
  const { engine: target }: ExportTarget = EXPORT_TARGETS[options.target];
  const planned = preferEngine(cluster.engine, engineOfPlacement(file));
  const name = target ?? options.engine?.name;
  const asked = options.engine && { ...options.engine, ...(name === undefined ? {} : { name }) };
  const engine = preferEngine(planned, asked);
  return engine === undefined ? cluster : { ...cluster, engine };
}

/** The nodes in use that no address is given for, nor for their machine: they are reached under their ids. */
export function nodesUnderIds(
  { nodes, hosts }: Cluster,
  file: PlacementFile,
  addresses: ReadonlyMap<string, Address>,
): readonly string[] {
  const used = nodesInUse(file);
  return nodes
    .filter(({ id }) => used.has(id) && !addresses.has(id))
    .filter(({ part }) => part === undefined || !addresses.has(hosts![part.host]!.id))
    .map(({ id }) => id);
}

function nodesInUse({ pipelines }: PlacementFile): Set<string> {
  return new Set(pipelines.flatMap(({ stages }) => stages.map(({ node }) => node)));
}

/**
 * A part of a machine is reached at the machine, and has its own cards there. The machine's port is that of the first chain that
 * begins on it; the next ones have the ports behind it.
 */
function completeAddresses(
  cluster: Cluster,
  file: PlacementFile,
  { addresses: given = new Map(), addressFile }: ExportOptions,
): ReadonlyMap<string, Address> {
  const used = nodesInUse(file);
  used.add(COORDINATOR_ID);
  const parts = new Map(
    cluster.nodes.flatMap(({ id, part }) => (part === undefined ? [] : [[id, part] as const])),
  );
  const ranks = rankFronts(file, parts);
  const addressOf = (id: string): Address => {
    const part = parts.get(id);
    const own = given.get(id);
    if (part === undefined) return own ?? { host: id };
    const { id: machine, cards } = cluster.hosts![part.host]!;
    const { host, port: first } = own ?? given.get(machine) ?? { host: machine };
    const devices = Array.from({ length: part.count }, (_, index) => part.first + index);
    const rank = ranks.get(id);
    return {
      host,
      ...(first === undefined || rank === undefined ? {} : { port: first + rank }),
      ...(part.count === cards ? {} : { devices }),
      ...own,
    };
  };
  const unusable = [...used].filter((id) => !isHost(addressOf(id).host));
  if (unusable.length > 0) {
    throw new InputError(
      addressFile ?? "--addresses",
      unusable.map((id) => ({
        path: addressFile === undefined ? "" : "rows",
        found: `no address for the node ${JSON.stringify(id)}, whose id cannot be a host name`,
        expected: "a host for every node in use",
        remedy:
          addressFile === undefined
            ? 'Give --addresses hosts.csv with the columns "node,host,port".'
            : "Add a row for it with its host.",
      })),
    );
  }
  return new Map([...used].map((id) => [id, addressOf(id)]));
}

/** Of every part that a chain begins on: how many parts of its machine others begin on before it. */
function rankFronts(
  { pipelines }: PlacementFile,
  parts: ReadonlyMap<string, { readonly host: number }>,
): ReadonlyMap<string, number> {
  const begun = new Map<number, number>();
  const ranks = new Map<string, number>();
  for (const { stages } of pipelines) {
    const id = stages[0]!.node;
    const host = parts.get(id)?.host;
    if (host === undefined || ranks.has(id)) continue;
    const rank = begun.get(host) ?? 0;
    ranks.set(id, rank);
    begun.set(host, rank + 1);
  }
  return ranks;
}
