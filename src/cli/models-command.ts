import type { Command } from "commander";
import { searchModels } from "../model/search-models.js";
import { describeModels } from "../report/model-list.js";
import { modelFigures } from "../report/model-summary.js";
import { complain, EXIT, show, styleFor, type CommandContext } from "./terminal.js";

/** `helix-place models [words...]`: the presets that are known, searchable. */
export function addModelsCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command("models")
    .description("list the models that are known by name, with their sizes")
    .argument("[words...]", "words of the name")
    .option("--json", "the figures of every model as JSON, in bytes")
    .action((words: readonly string[], options: { readonly json?: boolean }) => {
      const models = searchModels(words);
      if (models.length === 0) context.exit(EXIT.no);
      if (options.json === true) {
        const figures = models.map((model) => modelFigures(model));
        terminal.out(`${JSON.stringify(figures, null, 2)}\n`);
      } else if (models.length > 0) {
        show(terminal, `${describeModels(models, styleFor(terminal, "out"))}\n`);
      } else {
        const name = JSON.stringify(words.join(" "));
        complain(terminal, `No known model is called ${name}: give its config.json or .gguf file.`);
      }
    });
}
