import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { importCluster } from "../exchange/import/import-cluster.js";
import type { ImportSources } from "../exchange/import/import-cluster.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import {
  addPlacementImportOptions,
  runPlacementImport,
  type PlacementImportOptions,
} from "./import-placement.js";
import { numberOption, optionError } from "./options.js";
import type { CommandContext } from "./terminal.js";

interface ImportCommandOptions extends ImportSources, PlacementImportOptions {
  readonly quiet?: boolean;
}

const SOURCES = ["kubernetes", "nvidiaSmi", "bandwidth", "helix", "vllmBench"] as const;

/** `helix-place import`: a cluster file from what other tools print, or a placement that runs. */
export function addImportCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const command = program
    .command("import")
    .description("write a cluster file from what other tools print, and say what had to be assumed")
    .argument("[files...]", "with --placement: what states the layers; - for standard input")
    .option("--kubernetes <file>", "kubectl get nodes -o json")
    .option(
      "--nvidia-smi <host=file...>",
      "nvidia-smi --query-gpu=name,memory.total --format=csv, one file per host",
    )
    .option("--bandwidth <file>", "CSV of hosts × hosts; plain numbers are Mb/s")
    .option("--helix <file>", "cluster INI of the Helix artifact")
    .option("--helix-machines <file>", "machine profile INI of the Helix artifact")
    .option("--vllm-bench <file...>", "results of vllm bench serve --save-result on one machine")
    .option("--name <name>", "name of the cluster")
    .option("--model <model>", "preset, config.json or .gguf file")
    .option("--gpu <name>", "the card, where the source does not say it")
    .option("--gpus <count>", "cards per host there", numberOption({ atLeast: 1, whole: true }))
    .option(
      "--layers <count>",
      "layers of the benchmarked server",
      numberOption({ atLeast: 1, whole: true }),
    )
    .option("-o, --output <file>", "where to write (default: standard output)")
    .option("--quiet", "do not list the assumptions")
    .action(async (files: readonly string[], options: ImportCommandOptions) => {
      const { placement } = options;
      if (placement !== undefined) {
        return runPlacementImport(files, { ...options, placement }, context);
      }
      checkSources(options);
      const output = options.output === "-" ? undefined : options.output;
      if (output !== undefined) await requireWritable(output);
      const { file, assumptions } = await importCluster(options, (path) =>
        readText(path, terminal.readStandardInput),
      );
      const text = `${JSON.stringify(file, null, 2)}\n`;
      if (output === undefined) terminal.out(text);
      else await writeWhole(output, text, String(terminal.processId));
      if (options.quiet === true) return;
      for (const assumption of assumptions) terminal.err(`assumed: ${printable(assumption)}\n`);
    });
  addPlacementImportOptions(command);
}

function checkSources(options: ImportCommandOptions): void {
  const given = SOURCES.filter((source) => options[source] !== undefined);
  if (given.length === 0) {
    const expected = "--kubernetes, --nvidia-smi, --bandwidth, --helix or --vllm-bench";
    throw optionError("import", "nothing to import", expected, "Name a source.");
  }
  const alone = given.find((source) => source === "helix" || source === "vllmBench");
  if (alone !== undefined && given.length > 1) {
    const option = alone === "helix" ? "--helix" : "--vllm-bench";
    throw optionError(
      option,
      "another source beside it",
      `${option} alone`,
      "Import them one by one.",
    );
  }
}
