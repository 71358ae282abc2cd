import * as z from "zod";
import type { Problem } from "../core/errors.js";

type Issue = z.core.$ZodIssue;

const FORMAT = /^helix-place\/([a-z-]+)@\d+$/;

/** A file of another kind: every other entry of it is as wrong, and says nothing. */
export function describeOtherFile(issue: Issue, root: unknown): readonly Problem[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0)
    return issue.keys.includes("format") ? describeFormatted(root, CONSTRAINTS) : [];
  if (issue.code !== "invalid_value" || issue.path.length !== 1 || issue.path[0] !== "format")
    return [];
  const kindOf = (format: unknown): string | undefined =>
    FORMAT.exec(String(format))?.[1]?.replace("-", " ");
  const [found, expected] = [kindOf(valueAt(root, issue.path)), kindOf(issue.values[0])];
  if (found === undefined || expected === undefined || found === expected) return [];
  if (!KINDS.has(found)) return [];
  return [
    {
      path: "format",
      found: `a ${found} file`,
      expected: `a ${expected} file`,
      remedy: `Give the ${expected} file in this place; are two files in each other's?`,
    },
  ];
}

/** What stands where a file has no "format", and what to give there. */
type Unformatted = Pick<Problem, "expected" | "remedy">;

const CONSTRAINTS: Unformatted = {
  expected: 'constraints, which have no "format": {"pin", "drain", …}',
  remedy: "Give the file of constraints in this place; are two files in each other's?",
};

/** A file that says what it is, where one is wanted that does not. */
export function describeFormatted(root: unknown, wanted: Unformatted): readonly Problem[] {
  const kind = FORMAT.exec(String(valueAt(root, ["format"])))?.[1]?.replace("-", " ") ?? "";
  if (!KINDS.has(kind)) return [];
  return [{ path: "format", found: `a ${kind} file`, ...wanted }];
}

/** What the whole file has to be, where it is something else: a list, a number. */
export function describeFile(schema: z.ZodType): string {
  const shape = schema instanceof z.ZodObject ? schema.shape : {};
  const format = shape["format"] as z.ZodType | undefined;
  const said = format instanceof z.ZodLiteral ? [`"format": "${String(format.value)}"`] : [];
  const named = Object.entries(shape).filter(([key]) => key !== "format");
  const needed = named.filter(([, entry]) => !(entry instanceof z.ZodOptional));
  const keys = (needed.length > 0 ? needed : named).map(([key]) => key);
  const most = keys.slice(0, MOST_KEYS).map((key) => JSON.stringify(key));
  const shown = [...said, ...most, ...(keys.length > MOST_KEYS ? ["…"] : [])];
  return `Give a file that is one object: {${shown.join(", ")}}.`;
}

/** Keys that are named of what a file holds. */
const MOST_KEYS = 5;

const KINDS: ReadonlySet<string> = new Set([
  "cluster",
  "placement",
  "change",
  "scenarios",
  "training job",
  "prices",
  "sweep",
]);

export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
