// The playground's program, both sides of it: the page, and the worker that plans for it. One file, so that
// what both need is loaded once.
import { render } from "preact";
import { App } from "./app.js";
import { readExamples } from "./examples.js";
import { openQuestion } from "./open-question.js";
import { COLOURS, PICTURES } from "../report/theme.js";
import { createPlanner } from "./planner.js";
import { loadResources } from "./resources.js";
import { serveOrders } from "./worker.js";

if (typeof document === "undefined") serveOrders();
else void openPage(document.getElementById("page")!);

async function openPage(root: HTMLElement): Promise<void> {
  try {
    const examples = readExamples(document);
    const [resources, { shared, notice }] = await Promise.all([
      loadResources(import.meta.url),
      openQuestion(examples, location),
    ]);
    const planners = {
      plan: createPlanner(resources, true),
      today: createPlanner(resources, false),
      buy: createPlanner(resources, false),
    };
    adoptStyle(COLOURS + PICTURES);
    root.replaceChildren();
    render(
      <App
        planners={planners}
        examples={examples}
        first={shared}
        sent={location.hash.length > 1 && notice === undefined}
        {...(notice === undefined ? {} : { notice })}
      />,
      root,
    );
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    root.textContent = `The page could not be opened: ${words}`;
  }
}

/** What the page has in common with reports is said there. */
function adoptStyle(rules: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
