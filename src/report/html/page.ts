import { printableText } from "../../core/printable.js";
import { escapeXml } from "../escape-xml.js";
import { SCRIPT } from "./script.js";
import { STYLE } from "./style.js";

export interface ReportSection {
  readonly title: string;
  /** One or two sentences that say what is to be seen; plain text. */
  readonly text?: string;
  /** Trusted markup made by this package's own drawing functions. */
  readonly body: string;
}

export interface Report {
  readonly title: string;
  readonly lead: string;
  /** The figures at the top. */
  readonly figures: readonly { readonly name: string; readonly value: string }[];
  readonly sections: readonly ReportSection[];
  /** Figures behind the page, for programs: readable as `#data`. */
  readonly data: unknown;
}

/** One self-contained HTML file: no network, no fonts, one small script for tables. */
export function renderPage(report: Report): string {
  const figures = report.figures.map(
    ({ name, value }) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`,
  );
  const sections = report.sections.map(({ title, text, body }) => {
    const words = text === undefined ? "" : `<p>${escapeXml(text)}</p>`;
    return `<section><h2>${escapeXml(title)}</h2>${words}${body}</section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,"><title>${escapeXml(report.title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeXml(report.title)}</h1><p class="lead">${escapeXml(report.lead)}</p>
<dl class="figures">${figures.join("")}</dl>
${sections.join("\n")}
</main><script type="application/json" id="data">${printableText(JSON.stringify(report.data)).replaceAll("<", "\\u003c")}</script>
<script>${SCRIPT}</script></body></html>
`;
}

/** A wide thing (chart, table) that scrolls by itself on narrow screens and can be focused. */
export function scrollable(name: string, body: string): string {
  return `<div class="wide" role="region" tabindex="0" aria-label="${escapeXml(name)}">${body}</div>`;
}

/** Something long that opens on demand. */
export function foldable(summary: string, body: string): string {
  return `<details><summary>${escapeXml(summary)}</summary>${body}</details>`;
}

/** Text as it stands. */
export function preformatted(text: string): string {
  return `<pre>${escapeXml(text)}</pre>`;
}

/** A command line, broken between words where the page ends: never behind the hyphens of an option. */
export function commandLine(text: string): string {
  const words = text.split(" ").map((word) => `<span>${escapeXml(word)}</span>`);
  return `<pre class="command">${words.join(" ")}</pre>`;
}

/** Sentences, one below the other. */
export function sentenceList(sentences: readonly string[]): string {
  return `<ul>${sentences.map((sentence) => `<li>${escapeXml(sentence)}</li>`).join("")}</ul>`;
}
