import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PriceList } from "../formats/price-list-schema.js";
import type { BoughtMachines, Goal } from "../market/purchase.js";
import { formatCount, formatDollars } from "../report/format-number.js";
import type { Answer } from "./answer.js";
import { NumberField, SelectField } from "./fields.js";
import { TIMES } from "./answer-purchase.js";
import type { Planner } from "./planner.js";
import { Problems } from "./problems.js";
import type { Question } from "./question.js";

/** "What should I buy for …": a mix of machines for a budget, or for so many tokens. */
export function BuyPanel(props: {
  readonly planner: Planner;
  readonly question: Question;
  readonly prices: PriceList;
  /** Tokens/s that the plan on the page serves. */
  readonly total: number | undefined;
  readonly onTake: (file: ClusterFile) => void;
}): JSX.Element {
  const { planner, question, prices, total, onTake } = props;
  const [kind, setKind] = useState<Goal["kind"]>("budget");
  const [amount, setAmount] = useState(20);
  const [keep, setKeep] = useState(true);
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Answer>();
  const [asked, setAsked] = useState<Question>();
  const ask = (): void => {
    const goal: Goal =
      kind === "budget" ? { kind, dollarsPerHour: amount } : { kind, tokensPerSecond: amount };
    setBusy(true);
    setAnswer(undefined);
    setAsked(question);
    planner.ask({ kind: "buy", wish: { question, prices, goal, keep } }, (heard) => {
      setBusy(false);
      setAnswer(heard);
    });
  };
  return (
    <section class="panel" aria-label="What to buy">
      <h2>What should I buy for …</h2>
      <p class="note">
        Prices: {prices.name}, {prices.date}. Drop a price list of your own on the page.
      </p>
      <div class="fields">
        <NumberField
          label={kind === "budget" ? "To spend" : "To serve"}
          value={amount}
          least={0.01}
          required
          onChange={(value) => setAmount(value ?? amount)}
        />
        <SelectField
          label="in"
          value={kind}
          choices={[
            { value: "budget", text: "$ per hour" },
            { value: "target", text: "tokens/s, prompt and output" },
          ]}
          onChange={(value) => {
            setKind(value as Goal["kind"]);
            setAmount(value === "budget" ? 20 : Number((2 * (total ?? 1000)).toPrecision(2)));
          }}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={keep}
            onChange={({ currentTarget }) => setKeep(currentTarget.checked)}
          />
          beside the fleet that is there
        </label>
        <button type="button" disabled={busy} onClick={ask}>
          {busy ? `Looking, up to ${Math.round(TIMES * question.effort.seconds)} s …` : "Find out"}
        </button>
        {busy ? (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              planner.stop();
              setBusy(false);
            }}
          >
            Give up
          </button>
        ) : null}
      </div>
      <div role="status">
        {answer === undefined || asked === question ? null : (
          <p class="note">The answer below is to what stood here before your last change.</p>
        )}
        {answer === undefined ? null : (
          <div class={asked === question ? "" : "stale"}>
            <Advice answer={answer} current={asked === question} onTake={onTake} />
          </div>
        )}
      </div>
    </section>
  );
}

function Mix({ mix }: { readonly mix: readonly BoughtMachines[] }): JSX.Element | null {
  if (mix.length === 0) return null;
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>machines</th>
            <th>region</th>
            <th class="n">each $/h</th>
            <th class="n">$/h</th>
          </tr>
        </thead>
        <tbody>
          {mix.map(({ machine, region, count, pricePerHour }) => (
            <tr key={`${machine}@${region ?? ""}`}>
              <td>{`${formatCount(count)} × ${machine}`}</td>
              <td>{region}</td>
              <td class="n">{formatDollars(pricePerHour)}</td>
              <td class="n">{formatDollars(count * pricePerHour)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Advice({
  answer,
  current,
  onTake,
}: {
  readonly answer: Answer;
  /** It is an answer to what stands on the page. */
  readonly current: boolean;
  readonly onTake: (file: ClusterFile) => void;
}): JSX.Element | null {
  switch (answer.kind) {
    case "purchase": {
      const { title, mix, sentences, file } = answer.advice;
      return (
        <>
          <h3>{title}</h3>
          <Mix mix={mix} />
          <ul class="sentences">
            {sentences.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          {file === undefined || !current ? null : (
            <p>
              <button type="button" onClick={() => onTake(file)}>
                Plan with these machines
              </button>{" "}
              <span class="note">
                They are planned anew: what is served may differ by a few percent.
              </span>
            </p>
          )}
        </>
      );
    }
    case "problems":
      return <Problems source={answer.source} problems={answer.problems} />;
    case "failed":
      return <p class="alarm">{answer.message}</p>;
    case "step":
    case "plan":
    case "none":
      return null;
  }
}
