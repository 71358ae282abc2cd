import type { Cluster } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { Chain, ServedByChain } from "./chains.js";
import type { Address } from "../../formats/read-addresses.js";

/** What every exporter gets. */
export interface ExportRequest {
  readonly cluster: Cluster;
  /** A placement that holds for `cluster`. */
  readonly file: PlacementFile;
  /** Name or path of the weights, as the engine knows them. */
  readonly model: string;
  /** `model` was given; otherwise it is only what the plan calls it. */
  readonly modelGiven: boolean;
  /** What the engine makes of the placement, where it was simulated; Markdown for the README. */
  readonly expected?: readonly string[];
  /** By which chains get their weights; absent: by their flows. */
  readonly served?: ServedByChain;
  /** The chains that the placement's pipelines are, where they have names already: on the way from one placement to another. */
  readonly chains?: readonly Chain[];
  /** By node id, and `coordinator`. Complete for the nodes in use. */
  readonly addresses: ReadonlyMap<string, Address>;
}

/** One file to write; `path` is relative, with `/`. */
export interface ExportFile {
  readonly path: string;
  readonly text: string;
}

/** Why a target cannot carry a plan: who is in the way, where, and what avoids it. */
export interface Refusal {
  readonly reason: string;
  readonly nodes: readonly string[];
  readonly layers: readonly LayerInterval[];
  /** The planner option, or the change of the cluster file, that avoids it. */
  readonly remedy: string;
}

export interface Exported {
  readonly kind: "exported";
  readonly files: readonly ExportFile[];
  /** What to run where, in order; Markdown. */
  readonly steps: readonly string[];
  /** What the plan relied on and these files do not say: the README's first lines. Markdown. */
  readonly notCarried: readonly string[];
  /** What to watch; Markdown. */
  readonly notes: readonly string[];
  /** By a chain's name, the tokens of KV that these files give it, where there is room for more. */
  readonly cacheTokens?: ReadonlyMap<string, number>;
}

export interface Refused {
  readonly kind: "refused";
  readonly refusals: readonly Refusal[];
}

export type ExportOutcome = Exported | Refused;
