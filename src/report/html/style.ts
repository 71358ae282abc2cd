import { SERIES } from "../series-colours.js";

const variables = (colours: readonly string[]): string =>
  colours.map((colour, index) => `--s${index}:${colour}`).join(";");

/** One style sheet for every report: light and dark, narrow screens, paper. */
export const STYLE = `
:root{--ground:#fff;--ink:#1d2126;--soft:#5d6570;--line:#d9dde3;--panel:#f6f7f9;--accent:#0072b2;--alarm:#b3261e;
${variables(SERIES.light)}}
@media(prefers-color-scheme:dark){:root{--ground:#14171c;--ink:#e7e9ec;--soft:#a3abb6;--line:#333a44;--panel:#1c2027;--accent:#5cb3e6;--alarm:#ff8a80;
${variables(SERIES.dark)}}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1040px;margin:0 auto;padding:24px 20px 64px}h1{font-size:1.6rem;line-height:1.25;margin:.2em 0}h2{font-size:1.2rem;margin:2.2em 0 .5em}
p{max-width:72ch}.lead{color:var(--soft)}.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0;padding:0}
.figures div{background:var(--panel);border-radius:8px;padding:12px 14px}.figures dt{color:var(--soft);font-size:.85rem}.figures dd{margin:0;font-size:1.35rem;font-weight:600}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.86rem}th,td{padding:5px 8px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
td.t{white-space:normal;min-width:10rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible,summary:focus-visible,.wide:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
svg{display:block;width:100%;height:auto;max-width:1000px}svg text{fill:var(--ink);font:11px system-ui,sans-serif}.grid line{stroke:var(--line)}.grid text,.axis,.soft{fill:var(--soft)}
.series path{stroke-width:2}${[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `.s${n} path{stroke:var(--s${n})}.s${n} circle,.s${n} rect{fill:var(--s${n})}`).join("")}
.room{opacity:.28}.ribbon{fill:var(--soft);opacity:.22}.tight{stroke:var(--alarm);stroke-width:2.5}.alarm{color:var(--alarm)}svg .alarm{fill:var(--alarm)}
details{margin:.6em 0}summary{cursor:pointer;color:var(--accent)}pre{background:var(--panel);padding:12px;border-radius:8px;overflow:auto;font-size:.85rem}.command{white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:520px){main{padding:16px 14px 48px}h1{font-size:1.3rem}.chart{min-width:520px}}
@media print{:root{--ground:#fff;--ink:#000;--panel:#f3f3f3}main{max-width:none}.wide{overflow:visible}h2{break-after:avoid}svg,table{break-inside:avoid}details:not([open]),section:not(:has(> :not(h2,details:not([open])))){display:none}pre{white-space:pre-wrap;overflow-wrap:anywhere}table{font-size:.75rem}th,td{padding:3px 5px;white-space:normal}td.t{min-width:0}}
`;
