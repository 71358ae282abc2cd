import type { JSX } from "preact";
import { ENGINE_NAMES, type EngineName } from "../core/engine-choice.js";
import { findEngine } from "../engines/engines.js";
import { NumberField, Panel, SelectField } from "./fields.js";
import type { Question } from "./question.js";

const OBJECTIVES = [
  { value: "", text: "what the planner thinks best" },
  { value: "served", text: "most tokens served" },
  { value: "goodput", text: "most tokens within the limits" },
  { value: "flow", text: "most flow, with the tightest proof" },
] as const;

/** What runs the plan, what it must keep, and how hard to look. */
export function DemandPanel({
  question,
  onEdit,
}: {
  readonly question: Question;
  readonly onEdit: (question: Question) => void;
}): JSX.Element {
  const { file, objective = "", limits, effort } = question;
  const engines = [
    { value: "", text: "as the planner chooses" },
    ...ENGINE_NAMES.map((name) => ({ value: name, text: findEngine(name).title })),
  ];
  const limit = (key: keyof Question["limits"], value: number | undefined): void => {
    const { [key]: _, ...rest } = limits;
    onEdit({ ...question, limits: value === undefined ? rest : { ...rest, [key]: value } });
  };
  return (
    <Panel title="Engine and limits">
      <SelectField
        label="Engine"
        value={engineOf(file)}
        choices={engines}
        onChange={(name) => {
          const { engine: _, ...rest } = file;
          onEdit({
            ...question,
            file: name === "" ? rest : { ...rest, engine: name as EngineName },
          });
        }}
      />
      <div class="fields">
        <NumberField
          label="Time to first token, s"
          value={limits.timeToFirstToken}
          least={0.001}
          empty="no limit"
          onChange={(value) => limit("timeToFirstToken", value)}
        />
        <NumberField
          label="Time per output token, s"
          value={limits.timePerOutputToken}
          least={0.0001}
          empty="no limit"
          onChange={(value) => limit("timePerOutputToken", value)}
        />
      </div>
      <details>
        <summary>How to search</summary>
        <SelectField
          label="Plan for"
          value={objective}
          choices={OBJECTIVES}
          onChange={(value) => {
            const { objective: _, ...rest } = question;
            const chosen = value as "" | NonNullable<Question["objective"]>;
            onEdit(chosen === "" ? rest : { ...rest, objective: chosen });
          }}
        />
        <div class="fields">
          <NumberField
            label="Seconds"
            value={effort.seconds}
            least={0.5}
            most={600}
            required
            onChange={(value) =>
              onEdit({ ...question, effort: { ...effort, seconds: value ?? effort.seconds } })
            }
          />
          <NumberField
            label="Steps instead of seconds"
            value={effort.steps}
            least={1}
            most={1_000_000}
            whole
            empty="none"
            onChange={(value) => {
              const { steps: _, ...rest } = effort;
              onEdit({
                ...question,
                effort: value === undefined ? rest : { ...rest, steps: value },
              });
            }}
          />
          <NumberField
            label="Seed"
            value={effort.seed}
            whole
            required
            onChange={(value) =>
              onEdit({ ...question, effort: { ...effort, seed: value ?? effort.seed } })
            }
          />
        </div>
        <p class="note">
          With steps instead of seconds a plan is the same every time, here and in the terminal.
        </p>
      </details>
    </Panel>
  );
}

function engineOf({ engine }: Question["file"]): string {
  if (engine === undefined) return "";
  return typeof engine === "string" ? engine : engine.name;
}
