import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/core/errors.js";
import { readBandwidthMatrix } from "../../../src/exchange/import/bandwidth-matrix.js";
import { createTextProblems } from "../../../src/exchange/import/import-outcome.js";
import { parseIni } from "../../../src/exchange/import/ini.js";
import { readKubernetesNodes } from "../../../src/exchange/import/kubernetes-nodes.js";
import { readWords } from "../../../src/exchange/import/launch-words.js";
import { readNvidiaXml } from "../../../src/exchange/import/nvidia-smi-xml.js";
import { listManifests } from "../../../src/exchange/import/placement-manifests.js";
import { listStageComments } from "../../../src/exchange/import/stage-comments.js";
import { parseCsv } from "../../../src/formats/parse-csv.js";
import { parseJson } from "../../../src/formats/parse-json.js";

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  csv: parseCsv,
  "bandwidth matrix": readBandwidthMatrix,
  ini: (text) => parseIni(text, createTextProblems()),
  json: (text) => parseJson("x", text),
  "nodes of Kubernetes": (text) => readKubernetesNodes("x", text),
  manifests: (text) => listManifests("x", text),
  "launch script": readWords,
  "XML of nvidia-smi": (text) => readNvidiaXml(text, "host", createTextProblems()),
  "stage comments": listStageComments,
};

/** Texts that made one reader or another look at everything again for each of their parts. */
const UNITS = [
  '"\n',
  '"',
  "}",
  "&a ",
  "[",
  "? ",
  "\r",
  "a: [",
  "<a>",
  "<!--",
  "\\\n",
  "# ",
  "a b\n",
];
/** Readers that took the square of it needed half a minute each time. */
const BYTES = 150_000;

describe.each(Object.keys(READERS))("%s", (name) => {
  test(
    "long and hostile texts end soon, with an answer or as wrong input",
    { timeout: 120_000 },
    () => {
      for (const unit of UNITS) {
        const text = `${unit.repeat(BYTES / unit.length)}x`;
        try {
          READERS[name]!(text);
        } catch (error) {
          expect(error, JSON.stringify(unit)).toBeInstanceOf(InputError);
        }
      }
    },
  );
});

test("quoted line breaks leave the columns of later cells right", () => {
  const rows = parseCsv('a,"b\nc\r\nd ""e""",f\n  g;h,"i"\n');
  expect(rows[0]!.map(({ line, column }) => [line, column])).toEqual([
    [1, 1],
    [1, 3],
    [3, 10],
  ]);
  expect(rows[0]![1]!.text).toBe('b\nc\r\nd "e"');
  expect(rows[1]!.map(({ line, column }) => [line, column])).toEqual([
    [4, 3],
    [4, 7],
  ]);
});

test("aliases that stand for nothing or for too much are wrong input, with their reason", () => {
  const bomb = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, at) => `${"bcdefghijklmnopqrstuvwxyzABCDE"[at]}: &${"bcdefghijklmnopqrstuvwxyzABCDE"[at]} [*${"abcdefghijklmnopqrstuvwxyzABCD"[at]}, *${"abcdefghijklmnopqrstuvwxyzABCD"[at]}]`).join("\n")}\n`;
  for (const [text, reason] of [
    ["items: *nothing\n", /alias/i],
    [bomb, /alias/i],
    ["a: [1\nb: 2", /./],
    ["kind: Node\n---\nkind: Node\n", /second document/],
  ] as const) {
    const problems = ((): InputError["problems"] => {
      try {
        readKubernetesNodes("nodes.yaml", text);
      } catch (error) {
        if (error instanceof InputError) return error.problems;
        throw error;
      }
      return [];
    })();
    expect(problems[0]?.found).toMatch(reason);
    expect(problems[0]!.path).toMatch(/^line \d+, column \d+$/);
  }
});
