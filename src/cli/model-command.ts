import type { Command } from "commander";
import { openModel } from "../node/open-files.js";
import type { OpenModelOptions } from "../formats/open-model.js";
import { InputError } from "../core/errors.js";
import type { Assumption } from "../core/model.js";
import { readText } from "../node/read-text.js";
import { modelPresetNames, readModelPreset } from "../model/presets.js";
import { didYouMean } from "../core/nearest.js";
import { modelFigures, summarizeModel } from "../report/model-summary.js";
import type { ModelFigures } from "../report/model-summary.js";
import { refuseAssumptions, STRICT_HELP } from "./strict.js";
import type { CommandContext } from "./terminal.js";

interface ModelCommandOptions extends OpenModelOptions {
  readonly json?: boolean;
  readonly strict?: boolean;
}

interface Understood {
  readonly figures: ModelFigures;
  readonly assumptions: readonly Assumption[];
  readonly used?: readonly { readonly key: string; readonly value: unknown }[];
}

/** `helix-place model <config.json | file.gguf | preset>`: what was understood of a model. */
export function addModelCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command("model")
    .description("show what is understood of a model: parameters, bytes and KV cache per layer")
    .argument(
      "<model>",
      "Hugging Face config.json, .gguf file, preset name, or - for a config.json",
    )
    .option("--dtype <type>", "type of the weights instead of the file's: bf16, fp8, int4 …")
    .option("--kv-dtype <type>", "type of the KV cache (default: bf16)")
    .option("--json", "the figures as JSON")
    .option("--strict", STRICT_HELP)
    .action(async (name: string, options: ModelCommandOptions) => {
      const understood = await understand(name, options, (path) =>
        readText(path, terminal.readStandardInput),
      );
      const { figures, assumptions, used } = understood;
      if (options.strict === true) refuseAssumptions(name, assumptions ?? []);
      if (options.json === true) {
        terminal.out(`${JSON.stringify({ ...figures, assumptions, used }, null, 2)}\n`);
        return;
      }
      terminal.out(`${summarizeModel(figures, assumptions)}\n`);
    });
}

async function understand(
  name: string,
  options: ModelCommandOptions,
  read: (path: string) => Promise<string>,
): Promise<Understood> {
  const preset = readModelPreset(name, options);
  if (preset !== undefined) {
    if (preset.kind === "problems") throw new InputError("command line", preset.problems);
    return { figures: modelFigures(preset.model), assumptions: preset.model.assumptions ?? [] };
  }
  if (!/[./\\]/.test(name) && name !== "-") throw wrongName(name);
  const opened = await openModel(name, options, read);
  const { model } = opened;
  const assumptions = model.assumptions ?? [];
  return opened.format === "gguf"
    ? { figures: modelFigures(model, opened.report), assumptions }
    : { figures: modelFigures(model), assumptions, used: opened.report.used };
}

function wrongName(name: string): InputError {
  const known = modelPresetNames();
  return new InputError("command line", [
    {
      path: "<model>",
      found: JSON.stringify(name),
      expected: `a file, or a preset: ${known.join(", ")}`,
      remedy: didYouMean(name, known) || "Check the name.",
    },
  ]);
}
