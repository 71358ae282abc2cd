import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placeLabels, shorten, shortenAll, widthOf } from "../../src/report/chart/labels.js";
import { drawPointChart } from "../../src/report/chart/point-chart.js";
import { drawBarChart } from "../../src/report/chart/bar-chart.js";
import { asFile } from "../../src/report/chart/drawing.js";
import { drawMarks } from "../../src/report/chart/marks.js";
import { seriesColour, seriesOutline } from "../../src/report/theme.js";
import { formatCount } from "../../src/report/format-number.js";

const FRAME = { left: 40, right: 350, top: 30, bottom: 280 };
const point = fc.record({
  x: fc.integer({ min: 40, max: 350 }),
  y: fc.integer({ min: 30, max: 280 }),
  text: fc.string({ minLength: 1, maxLength: 20 }),
});

test("names of points lie over no other name and no point, and in the frame", () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 25 }), (points) => {
      const boxes = placeLabels(points, FRAME).flatMap((label, index) => {
        if (label === undefined) return [];
        const half = widthOf(label.text) / 2;
        const x = points[index]!.x + label.dx;
        const y = points[index]!.y + label.dy;
        return [{ left: x - half, right: x + half, top: y - 7, bottom: y + 7 }];
      });
      boxes.forEach((box, index) => {
        expect(box.left).toBeGreaterThanOrEqual(FRAME.left);
        expect(box.right).toBeLessThanOrEqual(FRAME.right);
        for (const { x, y } of points) {
          const over = x > box.left && x < box.right && y > box.top && y < box.bottom;
          expect(over).toBe(false);
        }
        for (const other of boxes.slice(index + 1)) {
          const apart =
            box.right <= other.left ||
            other.right <= box.left ||
            box.bottom <= other.top ||
            other.bottom <= box.top;
          expect(apart).toBe(true);
        }
      });
    }),
  );
});

test("ten scenarios of a sweep all have their names, on a phone too", () => {
  const points = Array.from({ length: 10 }, (_, index) => ({
    x: 18 + 1.6 * index,
    y: 3300 + 60 * index,
    name: `${index}xa100 ${index}xl4`,
    title: "",
  }));
  const axes = {
    x: { label: "$", format: formatCount },
    y: { label: "tokens/s", format: formatCount },
  };
  for (const width of [350, 800]) {
    const svg = drawPointChart("sweep", points, axes)(width);
    for (const { name } of points) expect(svg).toContain(`>${name}</text>`);
  }
});

test("a shortened text fits, and is the text where that fits", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 30, max: 200 }), (text, width) => {
      const shown = shorten(text, width);
      expect(widthOf(shown)).toBeLessThanOrEqual(width);
      if (widthOf(text) <= width) expect(shown).toBe(text);
    }),
  );
});

test("a ninth machine type, whose colour is the first one's, has an outline that no other has", () => {
  const entries = Array.from({ length: 9 }, (_, index) => ({
    name: `type ${index}`,
    colour: seriesColour(index),
    outline: seriesOutline(index),
  }));
  const looks = entries.map(({ colour, outline }) => `${colour} ${outline}`);
  expect(new Set(looks).size).toBe(9);
  const drawn = drawMarks({
    name: "legend",
    width: 800,
    height: 40,
    margins: { top: 0, left: 0, right: 0, bottom: 0 },
    legend: entries,
    marks: [],
    plot: {},
  });
  expect(drawn.match(/stroke="var\(--ink\)"/g)).toHaveLength(1);
});

test("the end of a shortened name stays, which tells nodes apart", () => {
  expect(shorten("l40s-us-east-17", 70)).toBe("l40s…-17");
});

test("names of one kind in two regions stay apart where that is possible", () => {
  const names = ["h100x4-us-east-0", "h100x4-us-west-0", "l40s-us-east-0"];
  expect(new Set(names.map((name) => shorten(name, 85))).size).toBe(2);
  const shown = shortenAll(names, 85);
  expect(new Set(shown).size).toBe(3);
  for (const name of shown) expect(widthOf(name)).toBeLessThanOrEqual(85);
  const hosts = ["ip-10-0-12-41.ec2.internal", "ip-10-0-28-107.ec2.internal", "l4"];
  expect(shortenAll(hosts, 130)).toEqual(["ip-10-0-12-41", "ip-10-0-28-107", "l4"]);
});

test("a file of its own knows no variable of a page, and names from outside are text", () => {
  const bars = [{ name: `<b onload="x">&\u202e\n`, value: 1, text: "1" }];
  const svg = asFile(drawBarChart("<i>", bars));
  expect(svg).not.toContain("var(");
  expect(svg).not.toContain("<b");
  expect(svg).not.toContain("<i>");
  expect(svg).not.toContain("\u202e");
  expect(svg).toContain("&lt;b onload=&quot;x&quot;&gt;&amp;\\u202e\\u000a");
});
