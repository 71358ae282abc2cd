import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";

/**
 * A text field that keeps what is being typed, however often the page is drawn meanwhile, and hands it on when
 * one leaves it or presses Enter.
 */
export function DraftInput(props: {
  readonly value: string;
  readonly onCommit: (text: string) => void;
  readonly inputMode: "decimal" | "numeric";
  readonly id?: string;
  readonly placeholder?: string;
  readonly "aria-label"?: string;
  readonly "aria-invalid"?: boolean;
  readonly "aria-describedby"?: string | undefined;
}): JSX.Element {
  const { value, onCommit, id, placeholder, inputMode } = props;
  const [draft, setDraft] = useState<string>();
  return (
    <input
      id={id}
      type="text"
      autocomplete="off"
      inputMode={inputMode}
      placeholder={placeholder}
      aria-label={props["aria-label"]}
      aria-invalid={props["aria-invalid"]}
      aria-describedby={props["aria-describedby"]}
      value={draft ?? value}
      onInput={({ currentTarget }) => setDraft(currentTarget.value)}
      onChange={({ currentTarget }) => {
        setDraft(undefined);
        onCommit(currentTarget.value);
      }}
    />
  );
}

/** A number that may be left empty. What cannot be one says so in place and changes nothing. */
export function NumberField(props: {
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
  readonly required?: boolean;
  /** What stands there while nothing is set. */
  readonly empty?: string;
}): JSX.Element {
  const { label, value, onChange, least = 0, most = 1e12, whole, required, empty = "" } = props;
  const id = useId();
  const [fault, setFault] = useState<string>();
  const read = (text: string): void => {
    if (text.trim() === "" && required !== true) {
      setFault(undefined);
      return onChange(undefined);
    }
    const number = Number(text);
    const fits = text.trim() !== "" && number >= least && number <= most;
    if (!fits || (whole === true && !Number.isInteger(number))) {
      const kind = whole === true ? "A whole number" : "A number";
      return setFault(`${kind} of at least ${least}${most < 1e12 ? ` and at most ${most}` : ""}.`);
    }
    setFault(undefined);
    return onChange(number);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <DraftInput
        id={id}
        inputMode="decimal"
        placeholder={empty}
        value={value === undefined ? "" : String(value)}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : `${id}-fault`}
        onCommit={read}
      />
      {fault === undefined ? null : (
        <p class="alarm" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export function SelectField(props: {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const { label, value, choices, onChange } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A part of the left side under its title. */
export function Panel(props: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </section>
  );
}
