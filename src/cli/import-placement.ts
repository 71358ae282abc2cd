import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { Option } from "commander";
import { describeImportedPlacement } from "../exchange/import/describe-import.js";
import { openCluster } from "../node/open-files.js";
import { PLACEMENT_IMPORTS, type PlacementImport } from "../exchange/import/import-placement.js";
import { readLaunchSettings } from "../exchange/import/placement-settings.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { formatRate } from "../report/format-number.js";
import { optionError } from "./options.js";
import type { CommandContext } from "./terminal.js";

/** Options of `import` that concern placements. */
export interface PlacementImportOptions {
  readonly placement?: PlacementImport;
  readonly cluster?: string;
  readonly nodes?: string;
  readonly output?: string;
}

/** Adds `--placement`, `--cluster` and `--nodes` to the import command. */
export function addPlacementImportOptions(command: Command): void {
  command
    .addOption(
      new Option("--placement <format>", "read the layers that nodes hold already").choices(
        PLACEMENT_IMPORTS,
      ),
    )
    .option("--cluster <cluster>", "with --placement: the cluster file of these nodes")
    .option(
      "--nodes <ids>",
      "with --placement: nodes in the order of ranks, devices or files, a,b,c",
    );
}

/** `helix-place import --placement <format> <file…> --cluster <cluster>`. */
export async function runPlacementImport(
  paths: readonly string[],
  options: PlacementImportOptions & { readonly placement: PlacementImport },
  { terminal }: CommandContext,
): Promise<void> {
  const { placement: format, cluster: clusterPath, output } = options;
  if (clusterPath === undefined) {
    throw optionError("--cluster", "nothing", "a cluster file", "Give the file of these nodes.");
  }
  if (paths.length === 0) {
    throw optionError("import", "no files", "the files that state the layers", "Name them.");
  }
  const toFile = output !== undefined && output !== "-";
  if (toFile) await requireWritable(output);
  const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
  const files: { name: string; text: string }[] = [];
  for (const name of paths) files.push({ name, text: await read(name) });
  // Manifests do not say which engine they start.
  const { settings, notes: unlike } = readLaunchSettings(format, files);
  const asked =
    format === "kubernetes" ? {} : { name: format, from: "asked for" as const, ...settings };
  const { cluster, sha256 } = await openCluster(clusterPath, read, asked);
  const nodes = options.nodes === undefined ? [] : options.nodes.split(",").map((id) => id.trim());
  const { file, notes } = describeImportedPlacement({
    format,
    files,
    cluster,
    clusterSha256: sha256,
    nodes,
  });
  const text = `${JSON.stringify(file, null, 2)}\n`;
  if (toFile) await writeWhole(output, text, String(terminal.processId));
  else terminal.out(text);
  for (const note of [...unlike, ...notes]) terminal.err(`Note: ${printable(note)}\n`);
  const held = file.nodes.filter(({ layers }) => layers !== null).length;
  terminal.err(
    `${held} nodes hold layers: ${formatRate(file.throughput)} tokens/s, at most ${formatRate(file.upperBound)} (${file.bound}).\n`,
  );
}
