import type { JSX } from "preact";
import { asPicture } from "../report/chart/drawing.js";
import { formatRate } from "../report/format-number.js";
import { drawSearch } from "../report/search-section.js";
import { describeBottleneck } from "../report/what-if-table.js";
import type { PlanView, Step } from "./answer.js";
import { compareFigures, listFigures } from "./figures.js";
import { Problems } from "./problems.js";
import type { PlanState } from "./use-plan.js";

/** The right side: the plan as it improves, and what it is worth. */
export function Results({
  state,
  today,
  change,
  about,
}: {
  readonly state: PlanState;
  readonly today: PlanView | undefined;
  /** What the fleet has more or less than what is pinned. */
  readonly change: string | undefined;
  /** What is planned, and whether it is an example. */
  readonly about: string;
}): JSX.Element {
  const { view, stale, busy, steps, reason, problems } = state;
  return (
    <section class="results" aria-label="Plan" aria-busy={busy}>
      <p class="about">{about}</p>
      <p class="status" role="status">
        {describeState(state)}
      </p>
      {change === undefined ? null : (
        <p class="words">
          Beside today: <strong>{change}</strong>.
          {today === undefined ? null : " Percentages below say what that changes."}
        </p>
      )}
      {problems === undefined ? null : <Problems source="the cluster" problems={problems} />}
      {reason === undefined ? null : <p class="alarm">No plan: {reason}</p>}
      {view === undefined ? null : (
        <div class={stale ? "stale" : ""}>
          <Figures view={view} today={stale ? undefined : today} busy={busy && !stale} />
          <p class="words">
            What limits it: <strong>{describeBottleneck(view.result.bottleneck)}</strong>.
          </p>
          <Idle view={view} />
          <Picture
            title="Who holds which layers"
            text="The filled part of a bar is the share of the capacity in use."
            svg={view.map}
          />
          <Picture
            title="How tokens flow"
            text="Boxes are groups of like nodes over the layers they hold, as thick as the flow through them. A thick outline marks what limits it."
            svg={view.flow}
          />
        </div>
      )}
      <Search steps={steps} busy={busy} />
      {view === undefined ? null : <Assumptions view={view} />}
    </section>
  );
}

/** How the plan stands, in one sentence. */
export function describeState({ busy, stale, view, problems }: PlanState): string {
  if (problems !== undefined) return "The cluster makes no sense as it stands.";
  if (busy && (view === undefined || stale)) return "Planning …";
  if (view === undefined) return "There is no plan.";
  const { throughput, upperBound, status, served } = view.file;
  // Whoever reads one figure must not read the flow: it is a bound on what users get, often ten times it.
  const limit = served === undefined ? upperBound : served.bound;
  const most = limit === undefined ? "" : `, at most ${formatRate(limit)} possible`;
  const what =
    served === undefined
      ? `Flow ${formatRate(throughput)} tokens/s`
      : `Serves ${formatRate(served.decodeTokensPerSecond)} output tokens/s`;
  const found = `${what}${most}`;
  if (busy) return `${found}; still searching …`;
  if (served !== undefined) return `${found}.`;
  return status === "optimal" ? `${found}: proven best within its gap.` : `${found}.`;
}

function Figures({
  view,
  today,
  busy,
}: {
  readonly view: PlanView;
  readonly today: PlanView | undefined;
  readonly busy: boolean;
}): JSX.Element {
  const before = today === undefined ? [] : listFigures(today);
  return (
    <dl class="figures">
      {listFigures(view, busy).map((figure, index) => {
        const change = compareFigures(figure, before[index]);
        const tone = change?.good === undefined ? "" : change.good ? "good" : "bad";
        return (
          <div key={figure.name}>
            <dt>{figure.name}</dt>
            <dd>
              <span class="value">{figure.text}</span>
              {change === undefined ? null : <span class={`change ${tone}`}>{change.text}</span>}
            </dd>
            {figure.note === undefined ? null : <dd class="note">{figure.note}</dd>}
          </div>
        );
      })}
    </dl>
  );
}

/** Machines that the plan leaves empty: their owner asks first why. */
function Idle({ view: { idle } }: { readonly view: PlanView }): JSX.Element | null {
  if (idle.length === 0) return null;
  const machines = idle.map(({ machine, count }) => `${count} × ${machine}`).join(", ");
  return (
    <p class="words">
      Without work: <strong>{machines}</strong>. No plan was found that serves more with them.
    </p>
  );
}

/** A picture that the report room drew; its markup is this program's own. */
function Picture(props: {
  readonly title: string;
  readonly text?: string;
  readonly svg: string;
}): JSX.Element {
  const { title, text, svg } = props;
  return (
    <figure>
      <figcaption>{title}</figcaption>
      {text === undefined ? null : <p class="note">{text}</p>}
      <div
        class="wide"
        role="region"
        tabIndex={0}
        aria-label={title}
        dangerouslySetInnerHTML={{ __html: svg }}
      />
    </figure>
  );
}

function Search(props: {
  readonly steps: readonly Step[];
  readonly busy: boolean;
}): JSX.Element | null {
  const { steps, busy } = props;
  const placements = steps.flatMap(({ seconds: x, throughput: y }) =>
    y === undefined ? [] : [{ x, y }],
  );
  if (placements.length === 0) return null;
  const bounds = steps.map(({ seconds, upperBound }) => ({ x: seconds, y: upperBound }));
  const picture = asPicture(drawSearch(placements, bounds));
  return (
    <Picture
      title={busy ? "How the search goes" : "How the search went"}
      text="By flow: where the two lines meet, no placement carries more."
      svg={picture}
    />
  );
}

function Assumptions({ view }: { readonly view: PlanView }): JSX.Element | null {
  if (view.assumptions.length === 0) return null;
  return (
    <details>
      <summary>What was assumed ({view.assumptions.length})</summary>
      <ul>
        {view.assumptions.map(({ what, where, effect }) => (
          <li key={`${where} ${what}`}>
            <strong>{where}</strong>: {what}. {effect}
          </li>
        ))}
      </ul>
    </details>
  );
}
