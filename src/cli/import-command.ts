import { printable } from "../core/printable.js";
import type { Command } from "commander";
import type { Problem } from "../core/errors.js";
import { importCluster } from "../node/open-files.js";
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

const SOURCES = [
  "kubernetes",
  "nvidiaSmi",
  "bandwidth",
  "iperf3",
  "helix",
  "vllmBench",
  "measured",
] as const;

/** `helix-place import`: a cluster file from what other tools print, or a placement that runs. */
export function addImportCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const command = program
    .command("import")
    .description("write a cluster file from what other tools print, and say what had to be assumed")
    .argument("[files...]", "with --placement: what states the layers; - for standard input")
    .option("--kubernetes <file>", "kubectl get nodes -o json (or -o yaml)")
    .option(
      "--nvidia-smi <host=file...>",
      "per host: nvidia-smi --query-gpu=name,memory.total,memory.free --format=csv, -L or -q -x; or rocm-smi --showproductname --showmeminfo vram --csv",
    )
    .option("--bandwidth <file>", "CSV of hosts × hosts; plain numbers are Mb/s")
    .option("--iperf3 <from:to=file...>", "results of iperf3 -c HOST -J between the hosts")
    .option("--helix <file>", "cluster INI of the Helix artifact")
    .option("--helix-machines <file>", "machine profile INI of the Helix artifact")
    .option(
      "--vllm-bench <file...>",
      "results of vllm bench serve, sglang.bench_serving, trtllm-bench --streaming, llama-bench or llama-batched-bench on one machine",
    )
    .option("--measured <file>", "what the script of helix-place measure printed")
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
      const { file, assumptions, leftOut } = await importCluster(options, (path) =>
        readText(path, terminal.readStandardInput),
      );
      const text = `${JSON.stringify(file, null, 2)}\n`;
      if (output === undefined) terminal.out(text);
      else await writeWhole(output, text, String(terminal.processId));
      for (const problem of leftOut) terminal.err(describeLeftOut(problem));
      if (options.quiet === true) return;
      for (const assumption of assumptions) terminal.err(`assumed: ${printable(assumption)}\n`);
    });
  addPlacementImportOptions(command);
}

function describeLeftOut({ path, found, expected, remedy }: Problem): string {
  return `left out: ${path}: ${found}; expected ${expected}\n  remedy  ${remedy}\n`;
}

function checkSources(options: ImportCommandOptions): void {
  const given = SOURCES.filter((source) => options[source] !== undefined);
  if (given.length === 0) {
    const expected =
      "--kubernetes, --nvidia-smi, --bandwidth, --iperf3, --helix, --vllm-bench or --measured";
    throw optionError("import", "nothing to import", expected, "Name a source.");
  }
  if (options.bandwidth !== undefined && options.iperf3 !== undefined) {
    throw optionError("--iperf3", "--bandwidth beside it", "one of the two", "Choose one.");
  }
  const alone = given.find((source) => ["helix", "vllmBench", "measured"].includes(source));
  if (alone !== undefined && given.length > 1) {
    const option = alone === "vllmBench" ? "--vllm-bench" : `--${alone}`;
    throw optionError(
      option,
      "another source beside it",
      `${option} alone`,
      "Import them one by one.",
    );
  }
}
