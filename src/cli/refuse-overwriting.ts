import type { Command, Option } from "commander";
import { InputError } from "../core/errors.js";
import { liesIn, placeOf } from "../node/same-file.js";

/** Options that name what is written. */
const OUTPUTS: ReadonlySet<string> = new Set([
  "--output",
  "--report",
  "--map",
  "--svg",
  "--timeline",
  "--steps",
  "--state",
]);

/** What a value is called in the help where it may be the path of a file. */
const FILES = /file|folder|cluster|placement|csv|job|model|grid/;

/** A file that a command was told of. */
interface Named {
  /** The option, or the argument as the help has it. */
  readonly name: string;
  readonly path: string;
  readonly place: string;
}

/**
 * No output of a command takes the place of another or of an input: one of the two would be gone. The rule of every
 * command, told by how its options are declared.
 * @throws InputError
 */
export async function refuseOverwriting(command: Command): Promise<void> {
  const given = command.options.map((option) => ({ option, values: pathsOf(command, option) }));
  const outputs = await locate(
    given.flatMap(({ option, values }) =>
      OUTPUTS.has(option.long ?? "") ? values.map((path) => [option.long!, path] as const) : [],
    ),
  );
  if (outputs.length === 0) return;
  const inputs = await locate([
    ...command.registeredArguments.flatMap((argument, at) =>
      FILES.test(argument.name())
        ? command.args
            .slice(at, argument.variadic ? undefined : at + 1)
            .map((path) => [argument.name(), path] as const)
        : [],
    ),
    ...given.flatMap(({ option, values }) =>
      OUTPUTS.has(option.long ?? "") ? [] : values.map((path) => [option.long!, path] as const),
    ),
  ]);
  for (const [at, output] of outputs.entries()) {
    const other =
      inputs.find((input) => replaces(output, input)) ??
      outputs.slice(0, at).find(({ place }) => clashes(output.place, place));
    if (other !== undefined) throw clash(output, other);
  }
}

/** The paths among the values of an option; `host=file` names one after the sign. */
function pathsOf(command: Command, option: Option): readonly string[] {
  const [, shown] = /[<[](.+?)[>\]]/.exec(option.flags) ?? [];
  if (shown === undefined || !FILES.test(shown)) return [];
  const value: unknown = command.getOptionValue(option.attributeName());
  return [value]
    .flat()
    .filter((text) => typeof text === "string")
    .map((text) => (shown.includes("=") ? text.slice(text.indexOf("=") + 1) : text));
}

async function locate(
  named: readonly (readonly [name: string, path: string])[],
): Promise<readonly Named[]> {
  const files: Named[] = [];
  for (const [name, path] of named) {
    const place = path === "-" ? undefined : await placeOf(path);
    if (place !== undefined) files.push({ name, path, place });
  }
  return files;
}

/**
 * A state that parts are merged into goes on from what it holds, so it may be one of them; and no plan serves less than what
 * it starts from.
 */
function replaces(output: Named, input: Named): boolean {
  const kept =
    (output.name === "--state" && input.name === "--merge") ||
    (output.name === "--output" && input.name === "--warm-start");
  return output.place === input.place && !kept;
}

/** The same, or one in the folder that the other is: folders are only written where they are empty. */
function clashes(one: string, other: string): boolean {
  return liesIn(one, other) || liesIn(other, one);
}

function clash(output: Named, other: Named): InputError {
  const what = other.name.startsWith("--") ? `file of ${other.name}` : `${other.name} file`;
  const same = output.place === other.place;
  return new InputError(output.path, [
    {
      path: output.name,
      found: same ? `the ${what} itself` : `a place in one with the ${what}, ${other.path}`,
      expected: "a place of its own",
      remedy: "Choose another name: one of the two would be gone.",
    },
  ]);
}
