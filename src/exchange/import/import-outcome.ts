import type { Problem } from "../../core/errors.js";
import type { ClusterFile } from "../../formats/cluster-schema.js";

/** A cluster file made from other tools' output, and what these did not say. */
export type ImportOutcome =
  | {
      readonly kind: "cluster";
      readonly file: ClusterFile;
      readonly assumptions: readonly string[];
    }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** What a cluster file is made of, whatever tool says it. */
export interface ImportedHosts {
  readonly hosts: readonly ImportedHost[];
  readonly assumptions: readonly string[];
}

export interface ImportedHost {
  readonly id: string;
  /** Catalogue name. */
  readonly gpu: string;
  readonly gpus: number;
  readonly region?: string;
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
