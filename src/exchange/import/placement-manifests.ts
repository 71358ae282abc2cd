import { LineCounter } from "yaml";
import { parseYaml } from "./parse-yaml.js";

/** An object of Kubernetes that may start an engine. */
export interface Manifest {
  /** Kind and name. */
  readonly title: string;
  /** All its texts in order; variables of the environment as `NAME=value`. */
  readonly words: readonly string[];
  /** Nodes in stage order, where an exported object names them. */
  readonly nodes?: readonly string[];
}

/** Where exported objects name the nodes of their stages, as a JSON list. */
const NODES_ANNOTATION = "helix-place.dev/nodes";

/** The objects of a YAML (or JSON) text, Lists taken apart. @throws InputError when it is none. */
export function listManifests(name: string, text: string): readonly Manifest[] {
  const remedy = "Correct the file.";
  const documents = parseYaml(name, text, { lines: new LineCounter(), remedy });
  return documents.flatMap(({ value }) => objectsIn(value).map(describe));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isRecord(value)) return [];
  return Array.isArray(value.items) ? value.items.flatMap(objectsIn) : [value];
}

function describe(object: Readonly<Record<string, unknown>>): Manifest {
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  const annotations = isRecord(metadata.annotations) ? metadata.annotations : {};
  const nodes = readNodes(annotations[NODES_ANNOTATION]);
  return {
    title: `${textOf(object.kind, "object")} ${textOf(metadata.name, "")}`.trim(),
    words: wordsOf(object),
    ...(nodes === undefined ? {} : { nodes }),
  };
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function readNodes(annotation: unknown): readonly string[] | undefined {
  if (typeof annotation !== "string") return undefined;
  try {
    const list: unknown = JSON.parse(annotation);
    return Array.isArray(list) && list.every((entry) => typeof entry === "string")
      ? list
      : undefined;
  } catch {
    return undefined;
  }
}

function wordsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (isRecord(value)) {
    const { name, value: given } = value;
    if (typeof name === "string" && (typeof given === "string" || typeof given === "number"))
      return [`${name}=${given}`];
    return Object.entries(value).flatMap(([key, entry]) =>
      isRecord(entry) || Array.isArray(entry) ? wordsOf(entry) : [`${key}=${String(entry)}`],
    );
  }
  return typeof value === "string" ? value.split(/\s+/) : [String(value)];
}
