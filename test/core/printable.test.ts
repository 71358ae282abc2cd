import * as fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableData, printableText } from "../../src/core/printable.js";

const TRICKS = Array.from(
  "\u001B\u0007\r\n\t\u007F\u0085\u009B\u2028\u2029\u202E\u2066\u200F\u061C",
);
/** Below a blank, from delete to the end of C1, or what changes lines and directions. */
const isUnsafe = (character: string): boolean => {
  const code = character.codePointAt(0)!;
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || TRICKS.includes(character);
};
const unsafeIn = (text: string): readonly string[] => Array.from(text).filter(isUnsafe);
const wild = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...TRICKS),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
});

test("whatever a name holds, nothing in it steers a terminal or ends a line", () => {
  fc.assert(
    fc.property(wild, (name) => {
      expect(unsafeIn(printable(name))).toEqual([]);
    }),
  );
});

test("other letters stay as they are, in every script", () => {
  for (const name of ["a100-0", "größe", "节点", "שרת", "عقدة", "नोड", "🚀 x"]) {
    expect(printable(name)).toBe(name);
    expect(printableText(name)).toBe(name);
  }
});

test("JSON says the same after it", () => {
  fc.assert(
    fc.property(fc.dictionary(wild, wild), (data) => {
      const text = printableText(JSON.stringify(data, null, 2));
      expect(unsafeIn(text.replaceAll("\n", ""))).toEqual([]);
      expect(JSON.parse(text)).toEqual(data);
    }),
  );
});

test("data keeps its shape; what has a class stays itself", () => {
  const rates = Float64Array.of(1, 2);
  const data = { name: "a\nb", list: ["\u001Bc", 1, null, undefined], rates, deep: { x: true } };
  const shown = printableData(data);
  expect(shown).toEqual({ ...data, name: "a\\u000ab", list: ["\\u001bc", 1, null, undefined] });
  expect(shown.rates).toBe(rates);
});
