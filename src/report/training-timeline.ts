import type { PipelineRun } from "../training/simulate-pipeline.js";

const WIDTH = 1200;
const ROW = 26;
const LEFT = 150;
const TOP = 34;
/** Narrower boxes carry no number. */
const LEAST_LABEL = 14;

const FILL = { forward: "#4878a8", backward: "#d98b4a" } as const;

/**
 * The 1F1B schedule as an SVG: a row per stage, a box per pass (forward and backward in two
 * colours), numbered by micro-batch where there is room. Coordinates to two decimals.
 * @param labels one per stage.
 */
export function formatTimeline(title: string, labels: readonly string[], run: PipelineRun): string {
  const scale = (WIDTH - LEFT - 10) / run.makespan;
  const x = (seconds: number): string => (LEFT + seconds * scale).toFixed(2);
  const height = TOP + labels.length * ROW + 30;
  const boxes = run.events.map(({ stage, microBatch, pass, start, end }) => {
    const width = (end - start) * scale;
    const y = TOP + stage * ROW;
    const box = `<rect x="${x(start)}" y="${y}" width="${width.toFixed(2)}" height="${ROW - 4}" fill="${FILL[pass]}" stroke="#fff" stroke-width="0.5"><title>${pass} ${microBatch}: ${start.toFixed(4)} to ${end.toFixed(4)} s</title></rect>`;
    if (width < LEAST_LABEL) return box;
    const middle = ((start + end) / 2) * scale + LEFT;
    return `${box}<text x="${middle.toFixed(2)}" y="${y + 15}" text-anchor="middle" fill="#fff">${microBatch}</text>`;
  });
  const names = labels.map(
    (label, stage) => `<text x="8" y="${TOP + stage * ROW + 15}">${escapeText(label)}</text>`,
  );
  const axis = TOP + labels.length * ROW + 16;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="18" font-size="13">${escapeText(title)}</text>`,
    ...names,
    ...boxes,
    `<text x="${LEFT}" y="${axis}">0 s</text>`,
    `<text x="${WIDTH - 10}" y="${axis}" text-anchor="end">${run.makespan.toFixed(4)} s</text>`,
    `<rect x="${LEFT + 60}" y="${axis - 10}" width="10" height="10" fill="${FILL.forward}"/><text x="${LEFT + 75}" y="${axis}">forward</text>`,
    `<rect x="${LEFT + 130}" y="${axis - 10}" width="10" height="10" fill="${FILL.backward}"/><text x="${LEFT + 145}" y="${axis}">backward</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

function escapeText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
