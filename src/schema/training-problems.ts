import { z } from "zod";
import type { Problem } from "../errors.js";

type Issue = z.core.$ZodIssue;

/** The problems behind a failed parse of a training job; an unknown key names the nearest known one. */
export function describeTrainingIssues(
  issues: readonly Issue[],
  schema: z.ZodType,
  root: unknown,
): readonly Problem[] {
  return issues.flatMap((issue) => describe(issue, [], schema, root));
}

function describe(
  issue: Issue,
  base: readonly PropertyKey[],
  schema: z.ZodType,
  root: unknown,
): readonly Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const nearest = issue.errors.reduce((a, b) => (depthOf(b) > depthOf(a) ? b : a));
    if (depthOf(nearest) > 0) {
      return nearest.flatMap((inner) => describe(inner, path, schema, root));
    }
  }
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path, root);
    return issue.keys.map((key) => ({
      path: formatPath([...path, key]),
      found: "an unknown key",
      expected: `one of ${known.join(", ")}`,
      remedy: known.length === 0 ? "Remove it." : `Did you mean "${nearestKey(key, known)}"?`,
    }));
  }
  const value = valueAt(root, path);
  return [
    {
      path: formatPath(path),
      found: value === undefined ? "nothing" : shorten(JSON.stringify(value)),
      expected: describeExpectation(issue),
      remedy: value === undefined ? "Add it." : "Correct the value.",
    },
  ];
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
};

function describeExpectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPE_NAMES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "too_small":
      if (issue.origin === "string") return "a text that is not empty";
      if (issue.origin === "array") return `at least ${String(issue.minimum)} entries`;
      return `a number ${issue.inclusive === false ? "above" : "of at least"} ${String(issue.minimum)}`;
    case "too_big":
      return `at most ${String(issue.maximum)}${issue.origin === "array" ? " entries" : ""}`;
    case "invalid_key":
      return issue.issues.map((inner) => inner.message).join(" or ");
    case "invalid_union": {
      const options = issue.errors.flat().map(describeExpectation);
      if (options.length > 0) return [...new Set(options)].join(" or ");
      return issue.message.replace("Invalid discriminator value. Expected ", "");
    }
    case "invalid_element":
    case "invalid_format":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "custom":
      return issue.message;
  }
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** Path of an entry as people write it: `nodes[3].machine`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      const text = String(key);
      if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(text)) return `[${JSON.stringify(text)}]`;
      return index === 0 ? text : `.${text}`;
    })
    .join("");
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    root,
  );
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[], root: unknown): readonly string[] {
  let level = alternatives(schema, root);
  path.forEach((key, index) => {
    const value = valueAt(root, path.slice(0, index + 1));
    level = level.flatMap((one) => step(one, key).flatMap((next) => alternatives(next, value)));
  });
  return level.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
}

function step(schema: z.ZodType, key: PropertyKey): readonly z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child = schema.shape[String(key)] as z.ZodType | undefined;
    return child === undefined ? [] : [child];
  }
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  return [];
}

/** The schemas a value may follow; of alternatives told apart by `kind`, the one it names. */
function alternatives(schema: z.ZodType, value: unknown): readonly z.ZodType[] {
  if (schema instanceof z.ZodOptional) return alternatives(schema.unwrap() as z.ZodType, value);
  if (!(schema instanceof z.ZodUnion)) return [schema];
  const kind = valueAt(value, ["kind"]);
  const options = schema.options.map((option) => option as z.ZodType);
  const named = options.filter((option) => step(option, "kind")[0]?.safeParse(kind).success);
  return named.length > 0 ? named : options;
}

function nearestKey(key: string, known: readonly string[]): string {
  const distance = (other: string): number => editDistance(key.toLowerCase(), other.toLowerCase());
  return known.reduce((best, other) => (distance(other) < distance(best) ? other : best));
}

function editDistance(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(last[column]! + 1, current[column - 1]! + 1, replaced));
    }
    last = current;
  }
  return last[b.length]!;
}
