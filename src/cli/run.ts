import { Command, CommanderError } from "commander";
import { VERSION } from "../core/version.js";
import { HelixPlaceError, InputError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import { printable } from "../core/printable.js";
import { addCheckCommand } from "./check-command.js";
import { addCompareCommand } from "./compare-command.js";
import { addCompletionCommand } from "./completion-command.js";
import { addExplainCommand } from "./explain-command.js";
import { addExportCommand } from "./export-command.js";
import { addGpusCommand } from "./gpus-command.js";
import { addImportCommand } from "./import-command.js";
import { addMeasureCommand } from "./measure-command.js";
import { addModelCommand } from "./model-command.js";
import { addModelsCommand } from "./models-command.js";
import { addParetoCommand } from "./pareto-command.js";
import { addPlanCommand } from "./plan-command.js";
import { refuseOverwriting } from "./refuse-overwriting.js";
import { addReplanCommand } from "./replan-command.js";
import { addSchemaCommand } from "./schema-command.js";
import { addSimulateCommand } from "./simulate-command.js";
import { forPeople, type TextStyle } from "../report/text-style.js";
import {
  complain,
  EXIT,
  styleFor,
  type CommandContext,
  type ExitCode,
  type Terminal,
} from "./terminal.js";
import { plainly } from "./terminal-style.js";
import { addTrainCommand } from "./train-command.js";
import { addUiCommand } from "./ui-command.js";
import { addWhatIfCommand } from "./what-if-command.js";

/** Most problems shown of one input. */
const MOST_PROBLEMS = 50;

/**
 * The command line as a function: arguments in, exit code out. Never throws.
 * @param argv the arguments without node and script.
 */
export async function run(argv: readonly string[], world: Terminal): Promise<ExitCode> {
  const terminal = speakPlainly(world);
  let code: ExitCode = EXIT.done;
  const context: CommandContext = {
    terminal,
    argv,
    exit: (value) => {
      code = value;
    },
  };
  const program = buildProgram(context);
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    const failed = reportError(error, terminal);
    if (failed === EXIT.input) suggestCommand(argv[0], program, terminal);
    return failed;
  }
}

/** What is neither a command nor a file was taken for a file: perhaps a command was meant. */
function suggestCommand(word: string | undefined, program: Command, terminal: Terminal): void {
  const names = program.commands.map((command) => command.name());
  if (word === undefined || !/^[a-z-]+$/i.test(word) || names.includes(word)) return;
  const [nearest] = nearestNames(word.toLowerCase(), names);
  if (nearest !== undefined) terminal.err(`Did you mean "helix-place ${nearest}"?\n`);
}

/** The same terminal, which no text reaches that would steer it. */
function speakPlainly(world: Terminal): Terminal {
  const { out, err } = { out: styleFor(world, "out"), err: styleFor(world, "err") };
  return {
    ...world,
    out: (text, worth) => world.out(plainly(text, out), worth),
    err: (text) => world.err(plainly(text.startsWith("{") ? text : forPeople(text, err), err)),
  };
}

function buildProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command("helix-place")
    .description(
      "Decides which layers of a large language model each GPU machine of a mixed cluster holds, and how every request travels through them.",
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text, "spoken"),
      writeErr: terminal.err,
      outputError: (text) => complain(terminal, text),
    })
    .showHelpAfterError("(--help lists commands and options)");
  program.hook("preAction", (_, command) => refuseOverwriting(command));
  addPlanCommand(program, context);
  addReplanCommand(program, context);
  addCheckCommand(program, context);
  addExplainCommand(program, context);
  addCompareCommand(program, context);
  addSimulateCommand(program, context);
  addParetoCommand(program, context);
  addTrainCommand(program, context);
  addWhatIfCommand(program, context);
  addMeasureCommand(program, context);
  addModelCommand(program, context);
  addModelsCommand(program, context);
  addGpusCommand(program, context);
  addImportCommand(program, context);
  addExportCommand(program, context);
  addSchemaCommand(program, context);
  addUiCommand(program, context);
  addCompletionCommand(program, context);
  return program;
}

function reportError(error: unknown, terminal: Terminal): ExitCode {
  if (terminal.signal.aborted && error === terminal.signal.reason) {
    terminal.err("Interrupted.\n");
    return EXIT.interrupted;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.input;
  if (error instanceof InputError) {
    terminal.err(formatProblems(error, styleFor(terminal, "err")));
    return EXIT.input;
  }
  if (error instanceof HelixPlaceError && error.code === "solver-failed") {
    complain(terminal, `The solver failed: ${error.message}`);
    return EXIT.solver;
  }
  complain(
    terminal,
    `This is a bug of helix-place ${VERSION}, not of your input. Please report it with the input that causes it.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.bug;
}

function formatProblems({ source, problems }: InputError, { paint }: TextStyle): string {
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ path, found, expected, remedy }) => {
    const place = printable(path === "" ? source : `${source}: ${path}`);
    return `${paint("error", place)}\n  found     ${printable(found)}\n  expected  ${printable(expected)}\n  remedy    ${printable(remedy)}\n`;
  });
  const rest = problems.length - shown.length;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `${shown.join("")}${rest > 0 ? `… and ${rest} more\n` : ""}${paint("error", `${count} in ${printable(source)}`)}\n`;
}
