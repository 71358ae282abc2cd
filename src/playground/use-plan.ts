import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../core/errors.js";
import type { Answer, PlanView, Step } from "./answer.js";
import type { Planner } from "./planner.js";
import type { Question } from "./question.js";

/** What is known of the question on the page. */
export interface PlanState {
  readonly question: Question;
  readonly busy: boolean;
  readonly steps: readonly Step[];
  /** The last plan of this question; while none has come, that of the question before. */
  readonly view: PlanView | undefined;
  /** `view` belongs to the question before. */
  readonly stale: boolean;
  readonly reason?: string;
  readonly problems?: readonly Problem[];
}

/** Edits that come faster than this are planned together. */
const PAUSE_MILLISECONDS = 120;

/** Plans the question whenever it changes, cancelling the one before. */
export function usePlan(planner: Planner, question: Question): PlanState {
  const [state, setState] = useState<PlanState>({
    question,
    busy: true,
    steps: [],
    view: undefined,
    stale: false,
  });
  useEffect(() => {
    planner.stop();
    setState(({ view }) => ({
      question,
      busy: true,
      steps: [],
      view,
      stale: view !== undefined,
    }));
    const timer = setTimeout(
      () =>
        planner.ask({ kind: "plan", question }, (answer) => setState((now) => hear(now, answer))),
      PAUSE_MILLISECONDS,
    );
    return () => clearTimeout(timer);
  }, [planner, question]);
  // Until the effect has run, what is known is of the question before.
  if (state.question === question) return state;
  return { question, busy: true, steps: [], view: state.view, stale: state.view !== undefined };
}

function hear(state: PlanState, answer: Answer): PlanState {
  const { question, steps, view, stale } = state;
  const silent = { question, steps, view, stale };
  switch (answer.kind) {
    case "step":
      return { ...state, steps: [...steps, answer.step] };
    case "plan":
      return { ...silent, view: answer.view, stale: false, busy: !answer.last };
    case "none": {
      // A second look that finds nothing takes nothing away from the first.
      const kept = stale ? undefined : view;
      return { ...silent, view: kept, stale: false, busy: !answer.last, reason: answer.reason };
    }
    case "problems":
      return { ...silent, busy: false, problems: answer.problems };
    case "purchase":
      return state;
    case "failed":
      return { ...silent, busy: false, reason: `The planner broke off: ${answer.message}` };
  }
}
