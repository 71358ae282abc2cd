import type { Command } from "commander";
import { openModel } from "../formats/open-model.js";
import type { OpenModelOptions } from "../formats/open-model.js";
import { InputError } from "../core/errors.js";
import { readText } from "../node/read-text.js";
import { findModelPreset, modelPresetNames } from "../model/presets.js";
import { didYouMean } from "../core/nearest.js";
import { modelFigures, summarizeModel } from "../report/model-summary.js";
import type { ModelFigures } from "../report/model-summary.js";
import type { CommandContext } from "./terminal.js";

interface ModelCommandOptions extends OpenModelOptions {
  readonly json?: boolean;
}

interface Understood {
  readonly figures: ModelFigures;
  readonly assumptions: readonly string[];
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
    .action(async (name: string, options: ModelCommandOptions) => {
      const understood = await understand(name, options, (path) =>
        readText(path, terminal.readStandardInput),
      );
      const { figures, assumptions, used } = understood;
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
  const preset = findModelPreset(name);
  if (preset !== undefined && options.dtype === undefined && options.kvDtype === undefined) {
    return { figures: modelFigures(preset), assumptions: [] };
  }
  if (preset !== undefined || (!/[./\\]/.test(name) && name !== "-")) throw wrongName(name);
  const opened = await openModel(name, options, read);
  const { model, report } = opened;
  return opened.format === "gguf"
    ? { figures: modelFigures(model, opened.report), assumptions: report.assumptions }
    : { figures: modelFigures(model), assumptions: report.assumptions, used: opened.report.used };
}

function wrongName(name: string): InputError {
  const known = modelPresetNames();
  const preset = known.includes(name.toLowerCase());
  return new InputError("command line", [
    {
      path: preset ? "--dtype" : "<model>",
      found: preset ? `a type of weights for the preset ${name}` : JSON.stringify(name),
      expected: preset ? "none: presets are bf16" : `a file, or a preset: ${known.join(", ")}`,
      remedy: preset
        ? "Give the model's config.json to choose another type."
        : didYouMean(name, known) || "Check the name.",
    },
  ]);
}
