import { shorten, widthOf } from "./labels.js";
import { dot, text, type Markish } from "./plot.js";

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  /** Drawn around the colour where that is not enough. */
  readonly outline?: string;
}

const ROW = 20;
const MARK = 14;
const GAP = 18;

/** What the colours stand for, in as many rows as it takes, and how high they are together. */
export function drawLegend(
  entries: readonly LegendEntry[],
  width: number,
  margins: { readonly top: number; readonly left: number },
): { readonly height: number; readonly marks: readonly Markish[] } {
  let left = 0;
  let row = 0;
  const places = entries.map(({ name, colour, outline = "none" }) => {
    const shown = shorten(name, width - MARK);
    const own = MARK + widthOf(shown);
    if (left > 0 && left + own > width) {
      left = 0;
      row += 1;
    }
    const place = { shown, colour, outline, x: left, y: row * ROW + ROW / 2 };
    left += own + GAP;
    return place;
  });
  const height = entries.length === 0 ? 0 : (row + 1) * ROW + 6;
  const marks = places.flatMap(({ shown, colour, outline, x, y }): readonly Markish[] => {
    const at = { frameAnchor: "top-left" } as const;
    const dy = y - height - margins.top;
    const dx = x - margins.left;
    return [
      dot([0], {
        ...at,
        r: 5,
        fill: colour,
        symbol: "square",
        dx: dx + 6,
        dy,
        ...(outline === "none" ? {} : { stroke: outline, strokeWidth: 1.5 }),
      }),
      text([shown], { ...at, textAnchor: "start", lineAnchor: "middle", dx: dx + MARK, dy }),
    ];
  });
  return { height, marks };
}
