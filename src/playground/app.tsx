import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PlanView } from "./answer.js";
import { BuyPanel } from "./buy-panel.js";
import { DemandPanel } from "./demand-panel.js";
import { DownloadPanel } from "./download-panel.js";
import { DropZone } from "./drop-zone.js";
import type { Examples } from "./examples.js";
import { describeFleetChange } from "./fleet.js";
import { FleetPanel } from "./fleet-panel.js";
import { Header } from "./header.js";
import { Jump } from "./jump.js";
import { nameModel } from "./model-choice.js";
import { ModelPanel } from "./model-panel.js";
import type { Planner } from "./planner.js";
import { askAbout, type Question } from "./question.js";
import type { Dropped } from "./read-dropped.js";
import { Results } from "./results.js";
import { writeLink, type Shared } from "./share.js";
import { useHistory } from "./use-history.js";
import { usePlan } from "./use-plan.js";

/** Workers of the page: for the plan, for what it is compared with, for what to buy. */
export interface Planners {
  readonly plan: Planner;
  readonly today: Planner;
  readonly buy: Planner;
}

/** The whole page: what is asked on the left, what comes of it on the right. */
export function App(props: {
  readonly planners: Planners;
  readonly examples: Examples;
  readonly first: Shared;
  /** Why a link could not be opened. */
  readonly notice?: string;
  /** Somebody sent it: they read before they change anything. */
  readonly sent: boolean;
}): JSX.Element {
  const { planners, examples, first } = props;
  const history = useHistory<Shared>(first);
  const { question, today = question } = history.now;
  const [prices, setPrices] = useState(examples.prices);
  const [notice, setNotice] = useState(props.notice);
  const [left, right] = [useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)];
  const state = usePlan(planners.plan, question);
  const pinned = useToday(planners.today, today, question, state.stale ? undefined : state.view);
  useEffect(() => window.history.replaceState(null, "", writeLink(history.now)), [history.now]);

  const edit = (next: Question): void => {
    setNotice(undefined);
    history.record({ question: next, today: withAimOf(next, today) });
  };
  const editFile = (file: ClusterFile): void => edit({ ...question, file });
  const begin = (next: Question): void => {
    setNotice(undefined);
    history.record({ question: next });
  };
  const receive = (dropped: Dropped): void => {
    if (dropped.kind === "prices") return setPrices(dropped.prices);
    return begin(withDropped(question, dropped));
  };
  const own = state.stale ? undefined : state.view;
  const alike = haveSameAim(today, question);
  return (
    <>
      <Header
        examples={examples}
        history={history}
        name={question.file.name}
        onOpen={(file) => begin(askAbout(file))}
        onPin={() => begin(question)}
      />
      {notice === undefined ? null : (
        <p class="alarm notice" role="alert">
          {notice}
        </p>
      )}
      <main class={props.sent ? "answer-first" : ""}>
        <div class="left" ref={left}>
          <DropZone onRead={receive} />
          <FleetPanel file={question.file} onEdit={editFile} />
          <ModelPanel question={question} onEdit={edit} />
          <DemandPanel question={question} onEdit={edit} />
          <DownloadPanel question={question} view={own} />
        </div>
        <div class="right" ref={right}>
          <Results
            state={state}
            today={today === question || !alike ? undefined : pinned}
            change={
              alike
                ? describeFleetChange(today.file, question.file)
                : "another model or other requests"
            }
            about={describeQuestion(question, examples)}
          />
          <BuyPanel
            planner={planners.buy}
            question={question}
            prices={prices}
            total={totalOf(own)}
            onTake={(file) => {
              editFile(file);
              right.current?.scrollIntoView();
            }}
          />
        </div>
      </main>
      <Jump state={state} plan={right} fleet={left} />
    </>
  );
}

/** Another model or other requests: the fleet that is compared with is asked about them, too. */
function withAimOf(question: Question, today: Question): Question {
  if (haveSameAim(question, today)) return today;
  const { file, model } = question;
  const { model: _, ...rest } = today;
  const { workload: __, ...fleet } = today.file;
  const asked: Question = {
    ...rest,
    file: {
      ...fleet,
      model: file.model,
      ...(file.workload === undefined ? {} : { workload: file.workload }),
    },
    ...(model === undefined ? {} : { model }),
  };
  const order = (one: Question): string =>
    JSON.stringify(Object.entries(one.file).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  // Nothing else is unlike: it is compared with itself from here on.
  return order(asked) === order(question) ? question : asked;
}

/** Plans of two models, or for two kinds of requests, are not compared: their tokens are not the same. */
function haveSameAim(one: Question, other: Question): boolean {
  const aim = ({ file, model }: Question): string =>
    JSON.stringify([file.model, file.workload, model]);
  return aim(one) === aim(other);
}

/** What is planned, in a line. */
function describeQuestion(question: Question, { clusters }: Examples): string {
  const { workload = "azure-conversation" } = question.file;
  const requests =
    typeof workload === "string" ? `${workload} requests` : "requests of your lengths";
  const what = `Plan for ${nameModel(question)}, ${requests}.`;
  const isExample = clusters.includes(question.file);
  return isExample ? `${what} An example: paste or drop a fleet of your own.` : what;
}

/** Prompt and output tokens/s that a plan serves, or may. */
function totalOf(view: PlanView | undefined): number | undefined {
  const served = view?.file.served;
  if (served === undefined) return view?.file.throughput;
  return served.decodeTokensPerSecond + served.promptTokensPerSecond;
}

/** The plan of what is pinned: the one on the page while that is it, else one of its own. */
function useToday(
  planner: Planner,
  today: Question,
  question: Question,
  view: PlanView | undefined,
): PlanView | undefined {
  const [kept, setKept] = useState<{ readonly of: Question; readonly view: PlanView }>();
  const known = kept?.of === today;
  const shown = today === question;
  useEffect(() => {
    if (shown && view !== undefined) setKept({ of: today, view });
  }, [shown, today, view]);
  useEffect(() => {
    if (shown || known) return undefined;
    planner.ask({ kind: "plan", question: today }, (answer) => {
      if (answer.kind === "plan" && answer.last) setKept({ of: today, view: answer.view });
    });
    return () => planner.stop();
  }, [planner, shown, known, today]);
  return known ? kept.view : undefined;
}

/** The question with what was dropped: a fleet keeps the model and the workload, a model keeps the fleet. */
function withDropped(question: Question, dropped: Exclude<Dropped, { kind: "prices" }>): Question {
  const { model: _, ...rest } = question;
  switch (dropped.kind) {
    case "cluster":
      return {
        ...rest,
        file: dropped.file,
        ...(dropped.model === undefined ? {} : { model: dropped.model }),
      };
    case "fleet": {
      const { model, workload } = question.file;
      const same = workload === undefined ? { model } : { model, workload };
      return { ...question, file: { ...dropped.file, ...same } };
    }
    case "model":
      return {
        ...rest,
        file: { ...question.file, model: { config: dropped.from } },
        model: dropped.model,
      };
  }
}
