import { COLOURS, PICTURES } from "../theme.js";

/** One style sheet for every report: light and dark, narrow screens, paper. */
export const STYLE = `
${COLOURS}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:960px;margin:0 auto;padding:24px 20px 64px}h1{font-size:1.6rem;line-height:1.25;margin:.2em 0;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2.2em 0 .5em}h3{font-size:1rem;margin:1.4em 0 .4em}
p,ul{max-width:72ch}ul{padding-left:1.2em}.lead{color:var(--soft)}.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0;padding:0}
.figures div{background:var(--panel);border-radius:8px;padding:12px 14px}.figures dt{color:var(--soft);font-size:.85rem}.figures dd{margin:0;font-size:1.35rem;font-weight:600}
${PICTURES}
.wide{overflow-x:auto;background:linear-gradient(90deg,var(--ground) 30%,transparent) 0 0/40px 100% no-repeat local,linear-gradient(270deg,var(--ground) 30%,transparent) 100% 0/40px 100% no-repeat local,linear-gradient(270deg,var(--line),transparent) 100% 0/14px 100% no-repeat scroll}table{border-collapse:collapse;width:100%;font-size:.86rem}th,td{padding:5px 8px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{vertical-align:bottom}td.t,td:first-child{white-space:normal}td.t{min-width:10rem}td:first-child{min-width:6rem}th:first-child,td:first-child{position:sticky;left:0;background:var(--ground)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible,summary:focus-visible,.wide:focus-visible,input:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
.choice{font-size:.86rem}.choice div{display:flex;flex-wrap:wrap;gap:4px 16px;padding:6px 0}.choice label{white-space:nowrap}
details{margin:.6em 0}summary{cursor:pointer;color:var(--accent)}pre{background:var(--panel);padding:12px;border-radius:8px;overflow:auto;font-size:.85rem}.command{white-space:pre-wrap;overflow-wrap:anywhere}.command span{display:inline-block;max-width:100%}
@media(max-width:520px){table{font-size:.8rem}th,td{padding:4px 5px}td.t{min-width:6rem}td:first-child{min-width:4.5rem}main{padding:16px 14px 48px}h1{font-size:1.3rem}.figures{grid-template-columns:1fr 1fr}.figures dd{font-size:1.15rem}}
@media print{:root{--ground:#fff;--ink:#000;--panel:#f3f3f3}main{max-width:none;padding:0}.wide{overflow:visible}h2,h3,section>p{break-after:avoid}.chart,.figures div,tr{break-inside:avoid}.choice,details:not([open]),section:not(:has(> :not(h2,details:not([open])))){display:none}pre{white-space:pre-wrap;overflow-wrap:anywhere}table{font-size:.75rem}th,td{padding:3px 5px;white-space:normal}td.n{white-space:nowrap}td.t{min-width:0}th:first-child,td:first-child{position:static}}
`;
