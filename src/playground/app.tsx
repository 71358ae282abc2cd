import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Examples } from "./examples.js";
import type { Planner } from "./planner.js";
import { askAbout, type Question } from "./question.js";
import { Results } from "./results.js";
import { usePlan } from "./use-plan.js";

/** The whole page. */
export function App({
  planner,
  examples,
  first,
}: {
  readonly planner: Planner;
  readonly examples: Examples;
  readonly first: Question;
}): JSX.Element {
  const [question, setQuestion] = useState(first);
  const state = usePlan(planner, question);
  return (
    <>
      <header>
        <h1>helix-place</h1>
        <label>
          Example{" "}
          <select
            value={question.file.name}
            onChange={({ currentTarget }) => {
              const chosen = examples.clusters.find(({ name }) => name === currentTarget.value);
              if (chosen !== undefined) setQuestion(askAbout(chosen));
            }}
          >
            {examples.clusters.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </header>
      <main>
        <Results state={state} today={undefined} />
      </main>
    </>
  );
}
