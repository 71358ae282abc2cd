import { strToU8, zipSync } from "fflate";
import type { Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import { exportPlacement } from "../exchange/export/export-placement.js";
import {
  EXPORT_TARGETS,
  type ExportTarget,
  type ExportTargetName,
} from "../exchange/export/targets.js";
import { partedAs } from "../formats/parted-as.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { renderPlanReport } from "../report/plan-report.js";
import { servedByChain } from "../serving/plan/served-by-chain.js";
import type { Question } from "./question.js";

/** A file to save. */
export interface Download {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array;
}

export type ExportAsZip =
  | { readonly kind: "packed"; readonly download: Download }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

export function clusterDownload({ file }: Question): Download {
  return json("cluster.json", file);
}

/** The same bytes as the terminal writes. */
export function placementDownload(file: PlacementFile): Download {
  return json("placement.json", file);
}

export function reportDownload(question: Question, file: PlacementFile): Download {
  const origin = { input: JSON.stringify(question.file, null, 2), command: commandFor(question) };
  const page = renderPlanReport(clusterOf(question, file), file, origin);
  return { name: "report.html", type: "text/html", content: page };
}

/** What a stack needs to run the plan, as a zip; or why it cannot. */
export function exportDownload(
  question: Question,
  file: PlacementFile,
  target: ExportTargetName,
): ExportAsZip {
  try {
    const cluster = clusterOf(question, file);
    const { engine }: ExportTarget = EXPORT_TARGETS[target];
    const served = servedByChain(cluster, file, engine);
    const outcome = exportPlacement(cluster, file, { target, served });
    if (outcome.kind === "refused") {
      const reasons = outcome.refusals.map(({ reason, remedy }) => `${reason}. ${remedy}`);
      return { kind: "refused", reasons };
    }
    const files = outcome.files.map(({ path, text }) => [path, strToU8(text)] as const);
    // The same files give the same bytes, whatever the day.
    const content = zipSync(Object.fromEntries(files), { mtime: FIRST_DAY_OF_ZIP });
    const download = { name: `${target}.zip`, type: "application/zip", content };
    return { kind: "packed", download };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const reasons = error.problems.map(({ found, remedy }) => `${found}. ${remedy}`);
    return { kind: "refused", reasons };
  }
}

const FIRST_DAY_OF_ZIP = "1980-01-02T00:00:00";

/** How the terminal gets to the same plan. */
function commandFor({ objective, limits, effort }: Question): string {
  const words = [
    "helix-place cluster.json",
    objective === undefined ? "" : `--objective ${objective}`,
    limits.timeToFirstToken === undefined ? "" : `--max-ttft ${limits.timeToFirstToken}`,
    limits.timePerOutputToken === undefined ? "" : `--max-tpot ${limits.timePerOutputToken}`,
    effort.steps === undefined
      ? `--time-limit ${effort.seconds}`
      : `--iteration-limit ${effort.steps}`,
    `--seed ${effort.seed}`,
  ];
  return words.filter((word) => word !== "").join(" ");
}

/** Whose nodes the placement is of: cards are shared out as it says. */
function clusterOf({ file, model }: Question, placement: PlacementFile): Cluster {
  const cluster = resolveCluster(file.name, file, model);
  return partedAs("placement.json", cluster, placement);
}

function json(name: string, value: unknown): Download {
  return { name, type: "application/json", content: `${JSON.stringify(value, null, 2)}\n` };
}
