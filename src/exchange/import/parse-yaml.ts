import { parseAllDocuments, type Document, type LineCounter } from "yaml";
import { InputError } from "../../core/errors.js";

/** Aliases resolved of one document: a few lines of them could stand for more than any memory holds. */
const MOST_ALIASES = 100;

/** A document of a YAML text, and what it stands for. */
export interface YamlDocument {
  readonly document: Document;
  readonly value: unknown;
}

/**
 * The documents of a YAML (or JSON) text. Linear in the text: errors are not drawn beside their lines, which may be
 * as long as the text.
 * @param lines learns where lines begin.
 * @throws InputError with line and column where `lines` knows them, also for what nests too deep or refers to nothing.
 */
export function parseYaml(
  source: string,
  text: string,
  { lines, remedy }: { readonly lines: LineCounter; readonly remedy: string },
): readonly YamlDocument[] {
  const refuse = (error: unknown, at = 0): InputError => {
    const { line, col } = lines.linePos(at);
    const message =
      error instanceof RangeError ? "values nested too deep" : (error as Error).message;
    return new InputError(source, [
      {
        path: `line ${Math.max(1, line)}, column ${Math.max(1, col)}`,
        found: message.split("\n")[0]!,
        expected: "JSON or YAML",
        remedy,
      },
    ]);
  };
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
    return [...documents].map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw refuse(error, error.pos[0]);
      const value = document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
      return { document, value };
    });
  } catch (error) {
    // The parser and its tree recurse; an alias may stand for nothing, or for too much.
    if (error instanceof InputError) throw error;
    throw refuse(error);
  }
}
