import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { openCluster } from "../node/open-files.js";
import { caveatsOf, withEstimateNotes } from "../core/estimate-notes.js";
import { describeCaveats } from "../report/assumptions.js";
import { checkPlacement } from "../check/check-placement.js";
import { partedAs } from "../formats/parted-as.js";
import { readText } from "../node/read-text.js";
import { formatRate } from "../report/format-number.js";
import { readPlacementFile } from "../formats/read-placement.js";
import { askCluster, sayVersion } from "./engine-options.js";
import { EXIT, styleFor, type CommandContext } from "./terminal.js";

/** Most failures shown. */
const MOST_FAILURES = 50;

/** `helix-place check <cluster> <placement>`. */
export function addCheckCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  program
    .command("check")
    .description("re-check a placement file against its cluster, independently of the planner")
    .argument("<cluster>", "cluster file")
    .argument("<placement>", "placement file, or - for standard input")
    .option("--json", "the verdict as JSON")
    .action(async (clusterPath: string, placementPath: string, options: { json?: boolean }) => {
      const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
      const file = readPlacementFile(placementPath, await read(placementPath));
      const { cluster, sha256 } = await openCluster(clusterPath, read, askCluster({}, file));
      const failures = checkPlacement(cluster, file);
      const sameCluster = file.cluster.sha256 === sha256;
      const holds = failures.length === 0;
      const say = (text: string): void => terminal.out(text, "spoken");
      // What the notes are of is what the placement runs on: parts, where it names some.
      const running = holds ? partedAs(placementPath, cluster, file) : cluster;
      if (options.json === true) {
        const verdict = { holds, sameCluster, throughput: file.throughput, failures };
        say(`${JSON.stringify(withEstimateNotes(running, verdict), null, 2)}\n`);
      } else if (holds) {
        const caveats = describeCaveats(caveatsOf(running));
        const gap = `${formatRate(file.throughput)} tokens/s, bound ${formatRate(file.upperBound)} (${file.bound})`;
        // What was simulated is no statement of the layers: whoever compares it with the flow is told which is which.
        const served =
          file.served === undefined
            ? file.estimate && `; what it serves is ${file.estimate.method ?? "estimated"}`
            : "; what it serves is a simulation's, which simulate repeats";
        const flow = served === undefined ? "" : "flow ";
        say(
          `${[`The placement holds: ${flow}${printable(`${gap}${served ?? ""}`)}.`, ...caveats].join("\n")}\n`,
        );
      } else {
        const { paint } = styleFor(terminal, "out");
        const fault = (text: string): string => paint("error", text);
        const shown = failures.slice(0, MOST_FAILURES);
        for (const { path, message } of shown) say(`${fault(printable(`${path}: ${message}`))}\n`);
        say(
          `${fault(`The placement does not hold: ${failures.length} of its statements are wrong.`)}\n`,
        );
      }
      terminal.err(sayVersion(file, sha256));
      if (!holds) context.exit(EXIT.no);
    });
}
