import { describe, expect, test } from "vitest";
import { readTrace } from "../../../src/serving/simulate/trace-csv.js";

const HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

describe("readTrace", () => {
  test.each([
    [
      "Mooncake",
      '{"timestamp": 1000, "input_length": 6758, "output_length": 500, "hash_ids": [0]}\n{"timestamp": 4000, "input_length": 7, "output_length": 4}\n',
      [0, 3],
    ],
    [
      "BurstGPT",
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,GPT-4,6758,500,7258,API log\n45,ChatGPT,7,4,11,Conversation log\n",
      [0, 40],
    ],
    [
      "Azure of 2024",
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.009930+00:00,6758,500\n2024-05-10 00:00:02.009930+00:00,7,4\n",
      [0, 2],
    ],
  ])("reads a trace of %s", (_, text, times) => {
    const { arrivals } = readTrace("t", text);
    expect(arrivals.map(({ atSeconds }) => atSeconds)).toEqual(
      times.map((time) => expect.closeTo(time, 6)),
    );
    expect(arrivals[0]).toMatchObject({ promptTokens: 6758, outputTokens: 500 });
    expect(arrivals[1]).toMatchObject({ promptTokens: 7, outputTokens: 4 });
  });

  test("says which line of JSON cannot be read", () => {
    const text = '{"timestamp": 0, "input_length": 5, "output_length": 5}\n{"timestamp": 1}\n{\n';
    for (const line of [/line 2/, /line 3/]) expect(() => readTrace("t", text)).toThrow(line);
  });

  test("reads the public format, over midnight and leap days", () => {
    const text = `${HEADER}2024-02-28 23:59:59.5000000,374,44\r\n2024-02-29 00:00:00.2500000,396,109\n2024-03-01 00:00:00,5,0\n`;
    expect(readTrace("t.csv", text)).toEqual({
      arrivals: [
        { atSeconds: 0, promptTokens: 374, outputTokens: 44 },
        { atSeconds: 0.75, promptTokens: 396, outputTokens: 109 },
        { atSeconds: 86400.5, promptTokens: 5, outputTokens: 0 },
      ],
      unsorted: 0,
    });
  });

  test("finds the columns by name; negative and unsorted times are put in order and counted", () => {
    const text = "id,GeneratedTokens,ContextTokens,TIMESTAMP\na,1,2,-5\nb,3,4,-7\nc,5,6,1\n";
    expect(readTrace("t.csv", text)).toEqual({
      arrivals: [
        { atSeconds: 0, promptTokens: 4, outputTokens: 3 },
        { atSeconds: 2, promptTokens: 2, outputTokens: 1 },
        { atSeconds: 8, promptTokens: 6, outputTokens: 5 },
      ],
      unsorted: 1,
    });
  });

  test.each([
    ["", /line 1.*an empty line.*header/],
    ["a,b\n1,2\n", /line 1.*Missing: TIMESTAMP, ContextTokens, GeneratedTokens/],
    [HEADER, /no requests.*at least one line/],
    [`${HEADER}1,10,5\nsoon,10,5\n`, /line 3.*"soon".*a time/],
    [`${HEADER}1,0,5\n`, /line 2.*"0".*ContextTokens/],
    [`${HEADER}1,1.5,5\n`, /line 2.*"1.5".*ContextTokens/],
    [`${HEADER}1,10,-5\n`, /line 2.*"-5".*GeneratedTokens/],
    [`${HEADER}1,10\n`, /line 2.*nothing.*GeneratedTokens/],
    [`${HEADER}2023-13-01 00:00:00,10,1\n`, /line 2.*a time/],
  ])("refuses %j", (text, message) => {
    expect(() => readTrace("t.csv", text)).toThrow(message);
  });
});
