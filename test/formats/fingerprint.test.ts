import { createHash } from "node:crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprint } from "../../src/formats/load-cluster.js";

const byNode = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");

test("the SHA-256 that runs in pages as well is Node's", () => {
  // Around the ends of blocks, where padding begins a new one, and beyond.
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 255);
    expect(bytesToHex(sha256(bytes)), `${length} bytes`).toBe(byNode(bytes));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      expect(bytesToHex(sha256(bytes))).toBe(byNode(bytes));
    }),
  );
});

test("a fingerprint is that of the content with keys sorted, whatever their order", () => {
  expect(fingerprint({ b: [1, { d: "é", c: null }], a: 0.5 })).toBe(
    byNode('{"a":0.5,"b":[1,{"c":null,"d":"é"}]}'),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
      const turned = Object.fromEntries(Object.entries(data).toReversed());
      expect(fingerprint(turned)).toBe(fingerprint(data));
    }),
  );
});
