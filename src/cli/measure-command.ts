import type { Command } from "commander";
import { InputError } from "../core/errors.js";
import { layerRuns } from "../core/model.js";
import type { Model } from "../core/model.js";
import { didYouMean } from "../core/nearest.js";
import { measureScript, type MeasuredLayer } from "../exchange/export/measure-script.js";
import { parseJson } from "../formats/parse-json.js";
import { readHuggingFaceConfig } from "../model/hugging-face-config.js";
import { PRESET_CONFIGS } from "../model/preset-configs.js";
import { modelPresetNames } from "../model/presets.js";
import { readText } from "../node/read-text.js";
import { numberOption } from "./options.js";
import type { CommandContext } from "./terminal.js";

/** Prompt and half of the output of the usual workload. */
const DEFAULT_CONTEXT = 880;
const INSTEAD =
  "Measure it with the engine's own benchmark: docs/profiling.md, helix-place import --vllm-bench.";

/** `helix-place measure <model> > measure.py`: a script that times one layer where it is run. */
export function addMeasureCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command("measure")
    .description(
      "print a Python script that needs nothing but PyTorch and times one layer of a model on a machine; import --measured reads what it prints",
    )
    .argument("<model>", "preset name or Hugging Face config.json")
    .option(
      "--context <tokens>",
      "tokens in the cache of every decoded sequence",
      numberOption({ atLeast: 1, whole: true }),
      DEFAULT_CONTEXT,
    )
    .action(async (name: string, options: { readonly context: number }) => {
      const key = name.toLowerCase();
      const config = Object.hasOwn(PRESET_CONFIGS, key)
        ? PRESET_CONFIGS[key]
        : parseJson(name, await readModelText(name, terminal.readStandardInput));
      terminal.out(measureScript({ ...readLayer(name, config), contextTokens: options.context }));
    });
}

async function readModelText(
  name: string,
  standardInput: () => Promise<Uint8Array>,
): Promise<string> {
  if (/[./\\]/.test(name) || name === "-") return readText(name, standardInput);
  const known = modelPresetNames();
  throw new InputError("command line", [
    {
      path: "<model>",
      found: JSON.stringify(name),
      expected: `a config.json or a preset: ${known.join(", ")}`,
      remedy: didYouMean(name, known) || "Check the name.",
    },
  ]);
}

/**
 * The layer of a model whose layers are alike: attention with heads and a gated block.
 * @throws InputError for any other model: the script could not run it.
 */
function readLayer(name: string, config: unknown): Omit<MeasuredLayer, "contextTokens"> {
  const outcome = readHuggingFaceConfig(config, { name });
  if (outcome.kind === "problems") throw new InputError(name, outcome.problems);
  const fields = config as Readonly<Record<string, unknown>>;
  const number = (key: string, otherwise = 0): number =>
    typeof fields[key] === "number" ? fields[key] : otherwise;
  const hiddenSize = number("hidden_size");
  const attentionHeads = number("num_attention_heads");
  const layer = {
    model: name,
    layers: outcome.model.layers,
    hiddenSize,
    attentionHeads,
    keyValueHeads: number("num_key_value_heads", attentionHeads),
    headDimension: number("head_dim", hiddenSize / attentionHeads),
    intermediateSize: number("intermediate_size"),
  };
  if (!isThatLayer(outcome.model, layer)) {
    throw new InputError(name, [
      {
        path: "",
        found: "experts, states, latent or unlike layers, or another block",
        expected: "layers that are alike: attention with heads and a gated feed-forward block",
        remedy: INSTEAD,
      },
    ]);
  }
  return layer;
}

/** Whether the weights of that layer are those that the model's layers have, vectors aside. */
function isThatLayer(model: Model, layer: Omit<MeasuredLayer, "contextTokens">): boolean {
  const [run, ...others] = layerRuns(model);
  if (run === undefined || others.length > 0 || run.expertBytes > 0 || run.stateBytes > 0) {
    return false;
  }
  const { hiddenSize: h, attentionHeads: n, keyValueHeads: k, headDimension: d } = layer;
  const parameters = h * (2 * n + 2 * k) * d + 3 * h * layer.intermediateSize;
  return Math.abs(parameters / run.activeParameters - 1) < 0.01;
}
