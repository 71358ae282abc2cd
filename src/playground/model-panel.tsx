import type { JSX } from "preact";
import type { ClusterFile } from "../formats/cluster-schema.js";
import { modelPresetNames } from "../model/presets.js";
import { workloadPresetNames } from "../model/workload-presets.js";
import { NumberField, Panel, SelectField } from "./fields.js";
import type { Question } from "./question.js";
import { describeModel, presetOf, setWeights, weightsOf, WEIGHTS } from "./model-choice.js";

/** Which model, in which type of weights, for which requests. */
export function ModelPanel(props: {
  readonly question: Question;
  readonly onEdit: (question: Question) => void;
}): JSX.Element {
  const { question, onEdit } = props;
  const { file } = question;
  const preset = presetOf(file.model);
  const choices = modelPresetNames().map((name) => ({ value: name, text: name }));
  const own = preset === undefined ? [{ value: "", text: describeModel(question) }] : [];
  return (
    <Panel title="Model and requests">
      <SelectField
        label="Model"
        value={preset ?? ""}
        choices={[...own, ...choices]}
        onChange={(name) => {
          const { model: _, ...rest } = question;
          if (name !== "") onEdit({ ...rest, file: { ...file, model: name } });
        }}
      />
      <p class="note">Another model: drop its config.json or .gguf file on the page.</p>
      {preset === undefined ? null : (
        <SelectField
          label="Weights"
          value={weightsOf(file.model)}
          choices={WEIGHTS}
          onChange={(dtype) => onEdit({ ...question, file: setWeights(file, preset, dtype) })}
        />
      )}
      <WorkloadFields file={file} onEdit={(edited) => onEdit({ ...question, file: edited })} />
    </Panel>
  );
}

const OWN = "own";

function WorkloadFields({
  file,
  onEdit,
}: {
  readonly file: ClusterFile;
  readonly onEdit: (file: ClusterFile) => void;
}): JSX.Element {
  const { workload = "azure-conversation" } = file;
  const lengths = typeof workload === "string" ? undefined : workload;
  const presets = workloadPresetNames().map((name) => ({ value: name, text: name }));
  const { promptTokens = 1000, outputTokens = 250 } = lengths ?? {};
  return (
    <>
      <SelectField
        label="Requests"
        value={typeof workload === "string" ? workload : OWN}
        choices={[...presets, { value: OWN, text: "lengths of your own" }]}
        onChange={(name) =>
          onEdit({ ...file, workload: name === OWN ? { promptTokens, outputTokens } : name })
        }
      />
      {lengths === undefined ? null : (
        <div class="fields">
          <NumberField
            label="Prompt, tokens"
            value={promptTokens}
            least={1}
            required
            onChange={(value) =>
              onEdit({ ...file, workload: { outputTokens, promptTokens: value ?? promptTokens } })
            }
          />
          <NumberField
            label="Output, tokens"
            value={outputTokens}
            least={1}
            required
            onChange={(value) =>
              onEdit({ ...file, workload: { promptTokens, outputTokens: value ?? outputTokens } })
            }
          />
        </div>
      )}
    </>
  );
}
