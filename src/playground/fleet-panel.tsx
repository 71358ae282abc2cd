import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClusterFile } from "../formats/cluster-schema.js";
import { gpuNames } from "../hardware/find-gpu.js";
import { DraftInput, NumberField, Panel, SelectField } from "./fields.js";
import {
  addCard,
  describeMachine,
  listFleet,
  removeCard,
  setCount,
  setPrice,
  type FleetCard,
} from "./fleet.js";

type Edit = (file: ClusterFile) => void;

/** The machines as cards: how many, where, at what price. */
export function FleetPanel({
  file,
  onEdit,
}: {
  readonly file: ClusterFile;
  readonly onEdit: Edit;
}): JSX.Element {
  const cards = listFleet(file);
  return (
    <Panel title="Fleet">
      <ul class="cards">
        {cards.map((card) => (
          <Card
            key={`${card.machine}@${card.region ?? ""}`}
            card={card}
            file={file}
            onEdit={onEdit}
            only={cards.length === 1}
          />
        ))}
      </ul>
      <AddCard file={file} onEdit={onEdit} />
    </Panel>
  );
}

function Card(props: {
  readonly card: FleetCard;
  readonly file: ClusterFile;
  readonly onEdit: Edit;
  readonly only: boolean;
}): JSX.Element {
  const { card, file, onEdit, only } = props;
  const { machine, region, count, entry } = card;
  const name = region === undefined ? machine : `${machine} in ${region}`;
  const set = (next: number): void => onEdit(setCount(file, card, next));
  const price =
    typeof entry.pricePerHour === "string" ? parseFloat(entry.pricePerHour) : entry.pricePerHour;
  return (
    <li class="card" aria-label={name}>
      <div class="card-head">
        <div>
          <strong>{name}</strong>
          <p class="note">{describeMachine(entry)}</p>
        </div>
        <div class="stepper" role="group" aria-label={`How many ${name}`}>
          <button
            type="button"
            aria-label={`One ${name} less`}
            disabled={count === 0}
            onClick={() => set(count - 1)}
          >
            −
          </button>
          <DraftInput
            inputMode="numeric"
            aria-label={`Number of ${name}`}
            value={String(count)}
            onCommit={(text) => {
              const next = Number(text);
              if (text !== "" && Number.isInteger(next) && next >= 0 && next <= MOST) set(next);
            }}
          />
          <button type="button" aria-label={`One ${name} more`} onClick={() => set(count + 1)}>
            +
          </button>
        </div>
      </div>
      <div class="card-foot">
        <NumberField
          label="$ per hour, each"
          value={price}
          empty="unknown"
          onChange={(value) => onEdit(setPrice(file, machine, value))}
        />
        <button
          type="button"
          class="quiet"
          disabled={only}
          aria-label={`Remove ${name}`}
          onClick={() => onEdit(removeCard(file, card))}
        >
          Remove
        </button>
      </div>
    </li>
  );
}

const MOST = 10_000;

function AddCard({
  file,
  onEdit,
}: {
  readonly file: ClusterFile;
  readonly onEdit: Edit;
}): JSX.Element {
  const [gpu, setGpu] = useState("L40S");
  const [gpus, setGpus] = useState(1);
  const regions = [...new Set(file.nodes.flatMap(({ region }) => region ?? []))];
  const [region, setRegion] = useState("");
  const choices = gpuNames().map((name) => ({ value: name, text: name }));
  return (
    <details>
      <summary>Add machines of another kind</summary>
      <div class="fields">
        <SelectField label="Card" value={gpu} choices={choices} onChange={setGpu} />
        <NumberField
          label="Cards in a machine"
          value={gpus}
          least={1}
          most={16}
          whole
          required
          onChange={(value) => setGpus(value ?? 1)}
        />
        {regions.length === 0 ? null : (
          <SelectField
            label="Region"
            value={regions.includes(region) ? region : regions[0]!}
            choices={regions.map((value) => ({ value, text: value }))}
            onChange={setRegion}
          />
        )}
        <button
          type="button"
          onClick={() =>
            onEdit(addCard(file, gpu, gpus, regions.includes(region) ? region : regions[0]))
          }
        >
          Add one
        </button>
      </div>
    </details>
  );
}
