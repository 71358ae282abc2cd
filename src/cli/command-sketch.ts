import type { Command, Option } from "commander";

/** What a shell needs to know of an option. */
export interface OptionSketch {
  /** With their dashes, the short one first. */
  readonly flags: readonly string[];
  readonly takesValue: boolean;
  /** Empty: any value, mostly a file. */
  readonly choices: readonly string[];
  readonly description: string;
}

export interface CommandSketch {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionSketch[];
  /** What its first argument can be; empty: a file. */
  readonly choices: readonly string[];
}

/** Every command with its options, as they are declared: nothing here is said twice. */
export function sketchCommands(program: Command): readonly CommandSketch[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [...command.options.filter(({ hidden }) => !hidden).map(sketchOption), HELP],
    choices: command.registeredArguments[0]?.argChoices ?? [],
  }));
}

const HELP: OptionSketch = {
  flags: ["-h", "--help"],
  takesValue: false,
  choices: [],
  description: "display help for command",
};

function sketchOption({ short, long, required, optional, argChoices, description }: Option) {
  return {
    flags: [short, long].flatMap((flag) => flag ?? []),
    takesValue: required || optional,
    choices: argChoices ?? [],
    description,
  };
}
