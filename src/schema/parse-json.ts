import { visit, printParseErrorCode, type ParseErrorCode } from "jsonc-parser";
import { InputError, type Problem } from "../errors.js";

/** Longest input that is read at all, in characters: a full mesh of 1,000 nodes fits ten times. */
const LONGEST_INPUT = 400_000_000;

/**
 * Parses JSON text. Unlike `JSON.parse` it refuses repeated keys and says where the first syntax
 * error is. Linear in the text.
 * @throws InputError naming line and column.
 */
export function parseJson(source: string, text: string): unknown {
  if (text.length > LONGEST_INPUT) {
    throw new InputError(source, [
      problem("", `${text.length} characters`, `at most ${LONGEST_INPUT}`, "Split the input."),
    ]);
  }
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(clean);
  } catch {
    throw new InputError(source, [describeSyntaxError(clean)]);
  }
  const repeated = findRepeatedKeys(clean);
  if (repeated.length > 0) throw new InputError(source, repeated);
  return value;
}

class FirstError extends Error {
  readonly found: Problem;
  constructor(found: Problem) {
    super(found.found);
    this.found = found;
  }
}

function describeSyntaxError(text: string): Problem {
  const remedy = "Correct the JSON there (an editor with JSON support shows the place).";
  if (text.trim() === "") {
    return problem("", "an empty input", "a JSON object", "Give a file with a JSON object in it.");
  }
  try {
    visit(
      text,
      {
        onError(code: ParseErrorCode, offset: number, _length, line: number, column: number) {
          const shown = offset >= text.length ? "the end of the input" : quote(text, offset);
          const what = `${shown} (${printParseErrorCode(code)})`;
          throw new FirstError(
            problem(`line ${line + 1}, column ${column + 1}`, what, "valid JSON", remedy),
          );
        },
      },
      { disallowComments: true },
    );
  } catch (error) {
    if (error instanceof FirstError) return error.found;
    if (!(error instanceof RangeError)) throw error;
    return problem("", "brackets nested too deeply", "valid JSON", remedy);
  }
  return problem("", "text that is not JSON", "valid JSON", remedy);
}

function quote(text: string, offset: number): string {
  return JSON.stringify(text.slice(offset, offset + 12));
}

/** Keys given twice in one object: JSON.parse would silently keep the last. */
function findRepeatedKeys(text: string): readonly Problem[] {
  const problems: Problem[] = [];
  const scopes: Set<string>[] = [];
  visit(text, {
    onObjectBegin() {
      scopes.push(new Set());
    },
    onObjectEnd() {
      scopes.pop();
    },
    onObjectProperty(key, _offset, _length, line, column) {
      const scope = scopes[scopes.length - 1]!;
      if (scope.has(key)) {
        problems.push(
          problem(
            `line ${line + 1}, column ${column + 1}`,
            `the key ${JSON.stringify(key)} a second time`,
            "each key once in an object",
            "Remove or rename one of the two.",
          ),
        );
      }
      scope.add(key);
    },
  });
  return problems;
}

function problem(path: string, found: string, expected: string, remedy: string): Problem {
  return { path, found, expected, remedy };
}
