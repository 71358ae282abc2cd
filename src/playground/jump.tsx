import type { JSX, RefObject } from "preact";
import { describeState } from "./results.js";
import type { PlanState } from "./use-plan.js";

/** On narrow screens, where the plan stands below the fleet: how it stands, and the way to either. */
export function Jump(props: {
  readonly state: PlanState;
  readonly plan: RefObject<HTMLElement | null>;
  readonly fleet: RefObject<HTMLElement | null>;
}): JSX.Element {
  const { state, plan, fleet } = props;
  const to = (target: RefObject<HTMLElement | null>) => (): void =>
    target.current?.scrollIntoView();
  return (
    <nav class="jump" aria-label="To the plan or the fleet">
      <span aria-hidden="true">{describeState(state)}</span>
      <button type="button" onClick={to(plan)}>
        Plan
      </button>
      <button type="button" onClick={to(fleet)}>
        Fleet
      </button>
    </nav>
  );
}
