import type { Problem } from "../../core/errors.js";
import type { ClusterFile, GpuEntry } from "../../formats/cluster-schema.js";

/** A cluster file made from other tools' output, and what these did not say. */
export type ImportOutcome =
  | {
      readonly kind: "cluster";
      readonly file: ClusterFile;
      readonly assumptions: readonly string[];
      /** What could not be read and is missing from the file. */
      readonly leftOut?: readonly Problem[];
    }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** What a cluster file is made of, whatever tool says it. */
export interface ImportedHosts {
  readonly hosts: readonly ImportedHost[];
  readonly assumptions: readonly string[];
  /** What could not be read and is missing from the hosts. */
  readonly leftOut?: readonly Problem[];
}

/** Cards of one kind in one host: a node. */
export interface ImportedHost {
  readonly id: string;
  /** The machine it is a part of, where that has cards of several kinds. */
  readonly partOf?: string;
  /** Catalogue name, or the name of `ownGpu`. */
  readonly gpu: string;
  /** The card, where the catalogue does not have it. */
  readonly ownGpu?: GpuEntry;
  readonly gpus: number;
  /** Memory of all its cards together that is free, where other programs hold a part. */
  readonly memoryBytes?: number;
  /** Its cards in the host's order, where other programs hold much more of some: those do not work as one with the others. */
  readonly cards?: readonly CardsAlike[];
  readonly region?: string;
  /** Of the cloud, where `region` is one zone of it: its zones are joined by wide links. */
  readonly cloudRegion?: string;
}

/** Cards next to each other with about as much memory free, and that of them all together where other programs hold a part. */
export interface CardsAlike {
  readonly count: number;
  readonly memoryBytes?: number;
}

/** A parsed part of the input, or what is wrong with it. */
export type Parsed<T> =
  | { readonly kind: "parsed"; readonly value: T }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** Problems of one text, each at a line and column (from 1). */
export interface TextProblems {
  readonly list: readonly Problem[];
  add(place: Place, found: string, expected: string, remedy: string): void;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export function createTextProblems(): TextProblems {
  const list: Problem[] = [];
  return {
    list,
    add({ line, column }, found, expected, remedy) {
      list.push({ path: `line ${line}, column ${column}`, found, expected, remedy });
    },
  };
}

/** The value, or the problems if there are any. */
export function settle<T>(problems: TextProblems, value: T): Parsed<T> {
  return problems.list.length > 0
    ? { kind: "problems", problems: problems.list }
    : { kind: "parsed", value };
}

/** The hosts that could be read with what could not; the problems where nothing could. */
export function settleHosts(
  problems: TextProblems,
  hosts: readonly ImportedHost[],
  assumptions: readonly string[],
): Parsed<ImportedHosts> {
  if (hosts.length === 0 && problems.list.length > 0) {
    return { kind: "problems", problems: problems.list };
  }
  const leftOut = problems.list.length === 0 ? {} : { leftOut: problems.list };
  return {
    kind: "parsed",
    value: { hosts, assumptions: [...new Set(assumptions)], ...leftOut },
  };
}
