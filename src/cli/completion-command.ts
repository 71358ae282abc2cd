import { Argument, type Command } from "commander";
import { bashCompletion, fishCompletion, zshCompletion } from "./completion-scripts.js";
import { sketchCommands } from "./command-sketch.js";
import type { CommandContext } from "./terminal.js";

const SHELLS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const;

type Shell = keyof typeof SHELLS;

/** `helix-place completion <shell>`: a script that completes commands, options and their choices. */
export function addCompletionCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command("completion")
    .description("print a script that completes commands and options in a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SHELLS)))
    .action((shell: Shell) => terminal.out(SHELLS[shell](sketchCommands(program))));
}
