import { visit, printParseErrorCode, type ParseErrorCode } from "jsonc-parser";
import { InputError, type Problem } from "../core/errors.js";

/** Longest input that is read at all, in characters: a full mesh of 1,000 nodes fits ten times. */
const LONGEST_INPUT = 400_000_000;

/** Deepest nesting of brackets: no format of ours goes beyond ten. */
const DEEPEST_NESTING = 200;

/**
 * Parses JSON text. Unlike `JSON.parse` it refuses repeated keys, the key `__proto__` and brackets
 * nested beyond any use, and says where the first syntax error is. Linear in the text.
 * @throws InputError naming line and column.
 */
export function parseJson(source: string, text: string): unknown {
  if (text.length > LONGEST_INPUT) {
    throw new InputError(source, [
      problem("", `${text.length} characters`, `at most ${LONGEST_INPUT}`, "Split the input."),
    ]);
  }
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const deep = findDeepBracket(clean);
  if (deep !== undefined) throw new InputError(source, [deep]);
  let value: unknown;
  try {
    value = JSON.parse(clean);
  } catch {
    throw new InputError(source, [describeSyntaxError(clean)]);
  }
  const unusable = findUnusableKeys(clean);
  if (unusable.length > 0) throw new InputError(source, unusable);
  return value;
}

/** What is wrong, by the parser's name for it. */
const SYNTAX_ERRORS: Readonly<Record<string, string>> = {
  InvalidSymbol: "no value of JSON",
  InvalidNumberFormat: "no number of JSON",
  PropertyNameExpected: "a key in double quotes is missing",
  ValueExpected: "a value is missing",
  ColonExpected: "a colon is missing",
  CommaExpected: "a comma is missing",
  CloseBraceExpected: "a closing brace is missing",
  CloseBracketExpected: "a closing bracket is missing",
  EndOfFileExpected: "more after the end of the JSON",
  InvalidCommentToken: "a comment, which JSON does not have",
  UnexpectedEndOfComment: "a comment without an end",
  UnexpectedEndOfString: "a text without its closing quote",
  UnexpectedEndOfNumber: "a number without an end",
  InvalidUnicode: "no character after \\u",
  InvalidEscapeCharacter: "no escape of JSON after the backslash",
  InvalidCharacter: "a character that must be escaped",
};

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
          if (endsThere(text, offset)) throw new FirstError(cutOff(line, column));
          const shown = offset >= text.length ? "the end of the input" : quote(text, offset);
          const what = `${shown}: ${SYNTAX_ERRORS[printParseErrorCode(code)] ?? "not JSON"}`;
          throw new FirstError(
            problem(`line ${line + 1}, column ${column + 1}`, what, "valid JSON", remedy),
          );
        },
      },
      { disallowComments: true },
    );
  } catch (error) {
    if (error instanceof FirstError) return error.found;
    throw error;
  }
  return problem("", "text that is not JSON", "valid JSON", remedy);
}

/** Whether nothing but the beginning of a text or a word is there: what follows is missing. */
function endsThere(text: string, offset: number): boolean {
  const rest = text.slice(offset).trim();
  return rest === "" || /^"[^"\n]*$/.test(rest);
}

function cutOff(line: number, column: number): Problem {
  return problem(
    `line ${line + 1}, column ${column + 1}`,
    "the end of the text in the middle of the JSON",
    "all of it, up to the last bracket",
    "Copy or write all of it: its end is missing.",
  );
}

/** The first bracket beyond the depth allowed; what follows could exhaust stack and memory. */
function findDeepBracket(text: string): Problem | undefined {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (inText) {
      if (character === BACKSLASH) at++;
      else if (character === QUOTE) inText = false;
    } else if (character === QUOTE) inText = true;
    else if (OPENING.includes(character)) {
      if (++depth <= DEEPEST_NESTING) continue;
      const lines = text.slice(0, at).split("\n");
      return problem(
        `line ${lines.length}, column ${lines[lines.length - 1]!.length + 1}`,
        "brackets nested too deeply",
        `at most ${DEEPEST_NESTING} levels`,
        "Remove the nesting: no file of ours needs it.",
      );
    } else if (CLOSING.includes(character)) depth--;
  }
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

function quote(text: string, offset: number): string {
  return JSON.stringify(text.slice(offset, offset + 12));
}

/**
 * Keys given twice in one object (JSON.parse would silently keep the last), and `__proto__`, which
 * a copy of the object would lose.
 */
function findUnusableKeys(text: string): readonly Problem[] {
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
      const place = `line ${line + 1}, column ${column + 1}`;
      if (key === "__proto__") {
        problems.push(problem(place, `the key "${key}"`, "another name", "Rename it."));
      } else if (scope.has(key)) {
        problems.push(
          problem(
            place,
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
