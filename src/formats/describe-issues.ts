import * as z from "zod";
import type { Problem } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import { describeFile, describeOtherFile, valueAt } from "./describe-other-file.js";

type Issue = z.core.$ZodIssue;

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

/** What stands in the file, short enough for a message. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "number" && !Number.isFinite(value))
    return "a number too large to represent";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/**
 * The problems behind a failed zod parse, one per mistake. An unknown key names the nearest known one.
 * @param root the value that was parsed, to show what was found.
 */
export function describeIssues(
  issues: readonly Issue[],
  schema: z.ZodType,
  root: unknown,
): readonly Problem[] {
  const other = issues.flatMap((issue) => describeOtherFile(issue, root))[0];
  if (other !== undefined) return [other];
  return issues.flatMap((issue) => describeIssue(issue, [], schema, root));
}

function describeIssue(
  issue: Issue,
  base: readonly PropertyKey[],
  schema: z.ZodType,
  root: unknown,
): readonly Problem[] {
  const path = [...base, ...issue.path];
  const value = valueAt(root, path);
  const place = formatPath(path);
  if (issue.code === "invalid_union") return describeUnion(issue, path, schema, root);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const known = knownKeys(schema, path, key);
      const nearest = nearestNames(key, known)[0];
      return {
        path: formatPath([...path, key]),
        found: "an unknown key",
        expected: `one of ${known.join(", ")}`,
        remedy: nearest === undefined ? "Remove it." : `Did you mean "${nearest}"?`,
      };
    });
  }
  const missing = value === undefined;
  return [
    {
      path: place,
      found: describeValue(value),
      expected: describeExpectation(issue),
      remedy: missing ? additionOf(schema, path) : remedyOf(issue, value, schema),
    },
  ];
}

/** What to do about a missing entry, with what the schema says of it. */
function additionOf(schema: z.ZodType, path: readonly PropertyKey[]): string {
  const key = String(path.at(-1));
  const [said] = levelAt(schema, path.slice(0, -1)).flatMap((one) => {
    if (!(one instanceof z.ZodObject)) return [];
    return (one.shape[key] as z.ZodType | undefined)?.description ?? [];
  });
  return said === undefined ? "Add it." : `Add it: ${said}.`;
}

function remedyOf(issue: Issue, value: unknown, schema: z.ZodType): string {
  if (issue.path.length === 0 && issue.code === "invalid_type") return describeFile(schema);
  if (issue.code === "invalid_value" && typeof value === "string") {
    const [nearest] = nearestNames(value, issue.values.map(String));
    if (nearest !== undefined) return `Did you mean "${nearest}"?`;
  }
  const remedy: unknown = issue.code === "custom" ? issue.params?.["remedy"] : undefined;
  return typeof remedy === "string" ? remedy : "Correct the value.";
}

function describeUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: readonly PropertyKey[],
  schema: z.ZodType,
  root: unknown,
): readonly Problem[] {
  const value = valueAt(root, path);
  const wrongType = (branch: readonly Issue[]): boolean =>
    branch.some(
      ({ code, path: at }) =>
        at.length === 0 &&
        (code === "invalid_type" || (code === "invalid_value" && value instanceof Object)),
    );
  const close = issue.errors.filter((branch) => !wrongType(branch));
  if (close.length === 0) {
    const types = issue.errors.flatMap((branch) =>
      branch.map((inner) => describeExpectation(inner)),
    );
    return [
      {
        path: formatPath(path),
        found: describeValue(value),
        expected:
          types.length > 0
            ? [...new Set(types)].join(" or ")
            : issue.message.replace("Invalid discriminator value. Expected ", ""),
        remedy: value === undefined ? additionOf(schema, path) : "Correct the value.",
      },
    ];
  }
  const chosen = close.reduce((best, branch) => (closer(branch, best) ? branch : best));
  return chosen.flatMap((inner) => describeIssue(inner, path, schema, root));
}

/**
 * Whether an alternative is more likely what the author meant: fewer unknown keys, then fewer mistakes, then more
 * unknown keys that are nearly one it misses.
 */
function closer(branch: readonly Issue[], than: readonly Issue[]): boolean {
  const differences = [
    unknownKeyCount(branch) - unknownKeyCount(than),
    branch.length - than.length,
    nearMisses(than) - nearMisses(branch),
  ];
  return (differences.find((difference) => difference !== 0) ?? 0) < 0;
}

function nearMisses(branch: readonly Issue[]): number {
  const wrong = branch.flatMap(({ code, path }) =>
    code === "invalid_type" && path.length === 1 ? [String(path[0])] : [],
  );
  const unknown = branch.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  return unknown.filter((key) => nearestNames(key, wrong).length > 0).length;
}

function unknownKeyCount(branch: readonly Issue[]): number {
  return branch.reduce(
    (n, issue) => n + (issue.code === "unrecognized_keys" ? issue.keys.length : 0),
    0,
  );
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
      return issue.inclusive === false
        ? `a number above ${String(issue.minimum)}`
        : `a number of at least ${String(issue.minimum)}`;
    case "too_big":
      return issue.origin === "array"
        ? `at most ${String(issue.maximum)} entries`
        : `a number of at most ${String(issue.maximum)}`;
    default:
      return issue.message;
  }
}

/** Keys that the schema knows at a path, of all alternatives there to which a key is unknown. */
function knownKeys(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  unknown: string,
): readonly string[] {
  const keys = levelAt(schema, path).flatMap((one) => {
    const own = one instanceof z.ZodObject ? Object.keys(one.shape) : [];
    return own.includes(unknown) ? [] : own;
  });
  return [...new Set(keys)];
}

/** All alternatives that the schema has at a path. */
function levelAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly z.ZodType[] {
  let level = expandAlternatives(schema);
  for (const key of path) level = level.flatMap((one) => stepInto(one, key));
  return level;
}

function stepInto(schema: z.ZodType, key: PropertyKey): readonly z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child = schema.shape[String(key)] as z.ZodType | undefined;
    return child === undefined ? [] : expandAlternatives(child);
  }
  if (schema instanceof z.ZodArray) return expandAlternatives(schema.element as z.ZodType);
  if (schema instanceof z.ZodRecord) return expandAlternatives(schema.valueType as z.ZodType);
  return [];
}

function expandAlternatives(schema: z.ZodType): readonly z.ZodType[] {
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => expandAlternatives(option as z.ZodType));
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return expandAlternatives(schema.unwrap() as z.ZodType);
  }
  return [schema];
}
