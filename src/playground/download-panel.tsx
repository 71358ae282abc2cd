import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { EXPORT_TARGETS, type ExportTargetName } from "../exchange/export/targets.js";
import type { PlanView } from "./answer.js";
import { clusterDownload, exportDownload, placementDownload, reportDownload } from "./downloads.js";
import { SelectField } from "./fields.js";
import type { Question } from "./question.js";
import { save } from "./save.js";

const TARGETS = Object.keys(EXPORT_TARGETS) as readonly ExportTargetName[];

/** Everything that can be taken away from the page. */
export function DownloadPanel(props: {
  readonly question: Question;
  /** Absent while there is no plan of this question. */
  readonly view: PlanView | undefined;
}): JSX.Element {
  const { question, view } = props;
  const [target, setTarget] = useState<ExportTargetName>("vllm");
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const file = view?.file;
  const pack = (): void => {
    if (file === undefined) return;
    const outcome = exportDownload(question, file, target);
    setRefusals(outcome.kind === "refused" ? outcome.reasons : []);
    if (outcome.kind === "packed") save(outcome.download);
  };
  return (
    <section class="panel" aria-label="Take away">
      <h2>Take away</h2>
      <div class="buttons">
        <button type="button" onClick={() => save(clusterDownload(question))}>
          cluster.json
        </button>
        <button
          type="button"
          disabled={file === undefined}
          onClick={() => file !== undefined && save(placementDownload(file))}
        >
          placement.json
        </button>
        <button
          type="button"
          disabled={file === undefined}
          onClick={() => file !== undefined && save(reportDownload(question, file))}
        >
          Report
        </button>
      </div>
      <div class="fields">
        <SelectField
          label="Files to run it with"
          value={target}
          choices={TARGETS.map((value) => ({ value, text: value }))}
          onChange={(value) => {
            setRefusals([]);
            setTarget(value as ExportTargetName);
          }}
        />
        <button type="button" disabled={file === undefined} onClick={pack}>
          Zip
        </button>
      </div>
      {refusals.length === 0 ? null : (
        <div class="problems" role="alert">
          <strong>{target} cannot run this plan.</strong>
          <ul>
            {refusals.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
