import type { JSX } from "preact";
import type { Problem } from "../core/errors.js";

const MOST = 8;

/** What is wrong with a file, all of it, with what to do. */
export function Problems({
  source,
  problems,
}: {
  readonly source: string;
  readonly problems: readonly Problem[];
}): JSX.Element {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return (
    <div class="problems" role="alert">
      <strong>
        {count} in {source}
      </strong>
      <ul>
        {problems.slice(0, MOST).map(({ path, found, expected, remedy }) => (
          <li key={`${path} ${found}`}>
            {path === "" ? null : <code>{path}</code>} found {found}, expected {expected}. {remedy}
          </li>
        ))}
      </ul>
      {problems.length > MOST ? <p>… and {problems.length - MOST} more</p> : null}
    </div>
  );
}
