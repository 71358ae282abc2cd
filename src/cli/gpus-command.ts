import type { Command } from "commander";
import { searchGpus } from "../hardware/search-gpus.js";
import { describeGpus } from "../report/gpu-list.js";
import { complain, EXIT, show, styleFor, type CommandContext } from "./terminal.js";

/** `helix-place gpus [words...]`: the cards that are known, searchable. */
export function addGpusCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command("gpus")
    .description("list the GPUs that are known, with the figures that estimates are made from")
    .argument("[words...]", "words of the name or the source, or the name that a driver prints")
    .option("--json", "as JSON, in bytes, bytes/s and FLOP/s")
    .action((words: readonly string[], options: { readonly json?: boolean }) => {
      const gpus = searchGpus(words);
      if (gpus.length === 0) context.exit(EXIT.no);
      if (options.json === true) {
        terminal.out(`${JSON.stringify(gpus, null, 2)}\n`);
      } else if (gpus.length > 0) {
        show(terminal, `${describeGpus(gpus, styleFor(terminal, "out"))}\n`);
      } else {
        complain(
          terminal,
          `No known GPU is called ${JSON.stringify(words.join(" "))}: describe it under gpus of the cluster file.`,
        );
      }
    });
}
