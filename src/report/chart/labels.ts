/** Pixels that a text takes in the widest of the usual fonts: no font is asked. */
export function widthOf(text: string, fontSize = 12): number {
  return Math.ceil(0.65 * fontSize * Array.from(text).length);
}

/** The widest of several. */
export function widestOf(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}

/** The text where it fits, else its beginning and its end, which tells nodes of a kind apart, around an ellipsis. */
export function shorten(text: string, width: number): string {
  return shortenTo(text, width, 0.5);
}

/**
 * Names that stand below each other, shortened so that as many as possible stay apart: more of their ends is kept
 * where their middles would leave two of them alike, and the domains of hosts go first where their names stay apart. O(names).
 */
export function shortenAll(texts: readonly string[], width: number): readonly string[] {
  const unlike = (shown: readonly string[]): number => new Set(shown).size;
  const hosts = texts.map((text) => text.replace(/\.[a-z].*$/, ""));
  const names = widestOf(texts) > width && unlike(hosts) === unlike(texts) ? hosts : texts;
  return [0.5, 0.7, 1]
    .map((share) => names.map((name) => shortenTo(name, width, share)))
    .reduce((best, shown) => (unlike(shown) > unlike(best) ? shown : best));
}

/** @param share of the characters kept, the share that comes from the end. */
function shortenTo(text: string, width: number, share: number): string {
  if (widthOf(text) <= width) return text;
  const characters = Array.from(text);
  const most = Math.max(1, Math.floor(width / widthOf("m") - 1));
  const end = Math.floor(most * share);
  return `${characters.slice(0, most - end).join("")}…${characters.slice(characters.length - end).join("")}`;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A point in pixels with its name, and how far the name's middle lies from it. */
export interface PlacedLabel {
  readonly text: string;
  readonly dx: number;
  readonly dy: number;
}

const LINE = 14;
const RADIUS = 5;
/** How far off a name may be, in lines. */
const RINGS = 16;

/**
 * Where the names of points go: beside, above or below them, farther off where it is crowded, never over another
 * name or another point, never out of the frame. Points in pixels; names whose place is nowhere get none
 * (undefined). O(points²) per place that is tried.
 */
export function placeLabels(
  points: readonly { readonly x: number; readonly y: number; readonly text: string }[],
  frame: Box,
): readonly (PlacedLabel | undefined)[] {
  const taken: Box[] = points.map(({ x, y }) => around(x, y, 2 * RADIUS, 2 * RADIUS));
  return points.map(({ x, y, text }) => {
    const width = widthOf(text);
    for (const place of listPlaces(width)) {
      const { dy } = place;
      const dx = Math.min(
        Math.max(place.dx, frame.left + width / 2 - x),
        frame.right - width / 2 - x,
      );
      const box = around(x + dx, y + dy, width, LINE);
      if (!isInside(box, frame) || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return { text, dx, dy };
    }
    return undefined;
  });
}

/** Right, left, above, below, then the same farther off. */
function listPlaces(width: number): readonly { readonly dx: number; readonly dy: number }[] {
  const side = width / 2 + RADIUS + 3;
  return Array.from({ length: RINGS }, (_, step) => step).flatMap((step) => {
    const off = step * LINE;
    return [
      { dx: side, dy: -off },
      { dx: -side, dy: -off },
      { dx: side, dy: off },
      { dx: -side, dy: off },
      { dx: 0, dy: -off - LINE },
      { dx: 0, dy: off + LINE },
    ];
  });
}

function around(x: number, y: number, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isInside(box: Box, frame: Box): boolean {
  return (
    box.left >= frame.left &&
    box.right <= frame.right &&
    box.top >= frame.top &&
    box.bottom <= frame.bottom
  );
}
