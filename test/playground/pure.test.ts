import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { deflateSync, strToU8 } from "fflate";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/core/errors.js";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { compareFigures, type Figure } from "../../src/playground/figures.js";
import {
  addCard,
  describeFleetChange,
  listFleet,
  removeCard,
  setCount,
  setPrice,
} from "../../src/playground/fleet.js";
import { beginHistory, present, record, travel } from "../../src/playground/history.js";
import { askAbout } from "../../src/playground/question.js";
import { readDropped } from "../../src/playground/read-dropped.js";
import { readLink, writeLink } from "../../src/playground/share.js";

const clusterFile = (name: string): ClusterFile =>
  JSON.parse(readFileSync(`clusters/${name}.json`, "utf8")) as ClusterFile;
const regions = clusterFile("paper-24-three-regions");

describe("links", () => {
  test("hold everything that is asked", () => {
    const question = { ...askAbout(regions), limits: { timeToFirstToken: 2 } };
    const today = askAbout(clusterFile("home-lab"));
    const link = writeLink({ question, today });
    expect(link.length).toBeLessThan(3000);
    expect(readLink(link)).toEqual({ kind: "opened", shared: { question, today } });
  });

  test("whatever stands behind the # is no fault of the page's", () => {
    expect(readLink("")).toEqual({ kind: "nothing" });
    const whole = writeLink({ question: askAbout(regions) });
    const cut = fc.nat(whole.length - 2).map((length) => whole.slice(0, length + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), cut), (text) => {
        const { kind } = readLink(text.startsWith("#") ? text : `#${text}`);
        expect(["damaged", "nothing"]).toContain(kind);
      }),
    );
    const strange = writeLink({ question: { ...askAbout(regions), effort: 3 as never } });
    expect(readLink(strange).kind).toBe("damaged");
  });
});

test("a small link cannot ask for all memory", () => {
  // A hundred megabytes of blanks, of which deflate makes a hundred kilobytes.
  const bytes = deflateSync(strToU8(" ".repeat(1e8)));
  expect(bytes.length).toBeLessThan(2e5);
  const link = `#a${Buffer.from(bytes).toString("base64url")}`;
  expect(readLink(link).kind).toBe("damaged");
});

describe("the fleet as cards", () => {
  const counts = (file: ClusterFile): readonly number[] =>
    listFleet(file).map(({ count }) => count);

  test("has every machine of the file on one card", () => {
    fc.assert(
      fc.property(fc.constantFrom("paper-24", "paper-42", "cloud-mix", "home-lab"), (name) => {
        const file = clusterFile(name);
        const nodes = resolveCluster(name, file).nodes.length;
        expect(counts(file).reduce((a, b) => a + b, 0)).toBe(nodes);
      }),
    );
  });

  test("what changed is said: more, fewer, new and gone", () => {
    const [card] = listFleet(regions);
    const { machine, region, count } = card!;
    const name = `${machine} in ${region}`;
    expect(describeFleetChange(regions, regions)).toBeUndefined();
    expect(describeFleetChange(regions, setCount(regions, card!, count + 2))).toBe(
      `2 more ${name}`,
    );
    const without = setCount(regions, card!, 0);
    expect(describeFleetChange(regions, without)).toBe(`${count} fewer ${name}`);
    expect(describeFleetChange(without, addCard(regions, "L40S", 2, region))).toBe(
      `1 more 2xL40S in ${region}, ${count} more ${name}`,
    );
  });

  test("a count that is set is the count there is, and no other card's changes", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (card, count) => {
        const cards = listFleet(regions);
        const index = card % cards.length;
        const edited = listFleet(setCount(regions, cards[index]!, count));
        cards.forEach((one, other) => {
          const same = edited.find(
            ({ machine, region }) => machine === one.machine && region === one.region,
          );
          expect(same?.count ?? 0).toBe(other === index ? count : one.count);
        });
      }),
    );
  });

  test("cards come and go, prices too, and what remains is a cluster", () => {
    const more = addCard(clusterFile("paper-24"), "L40S", 4);
    expect(listFleet(more)[0]).toMatchObject({ machine: "4xL40S", count: 1 });
    expect(resolveCluster("more", more).nodes).toHaveLength(25);
    expect(removeCard(more, listFleet(more)[0]!)).toEqual(clusterFile("paper-24"));
    const priced = setPrice(more, "t4", 0.35);
    expect(priced.machines["t4"]!.pricePerHour).toBe(0.35);
    expect(setPrice(priced, "t4", undefined)).toEqual(more);
  });
});

test("steps back lead through what was set, and a new step forgets what was taken back", () => {
  let history = beginHistory(0);
  for (const next of [1, 2, 3]) history = record(history, next);
  history = travel(travel(history, -1), -1);
  expect(present(history)).toBe(1);
  expect(present(travel(history, 1))).toBe(2);
  history = record(history, 9);
  expect(present(travel(history, 1))).toBe(9);
  for (let more = 0; more < 1000; more++) history = record(history, more);
  expect(history.all.length).toBeLessThanOrEqual(100);
});

test("a change is good or bad by which way the figure should go", () => {
  const figure = (value: number, better: "more" | "less"): Figure => {
    return { name: "x", value, text: "", better };
  };
  expect(compareFigures(figure(11, "more"), figure(10, "more"))).toEqual({
    text: "+10.0 %",
    good: true,
  });
  expect(compareFigures(figure(11, "less"), figure(10, "less"))?.good).toBe(false);
  expect(compareFigures(figure(10, "less"), figure(10, "less"))?.text).toBe("as today");
  expect(compareFigures(figure(10, "less"), undefined)).toBeUndefined();
});

describe("what is dropped", () => {
  const drop = (...files: readonly (readonly [name: string, text: string])[]) =>
    readDropped(files.map(([name, text]) => ({ name, content: new Blob([text]) })));
  const node = (id: string) => ({
    metadata: { name: id, labels: { "nvidia.com/gpu.product": "NVIDIA-L40S" } },
    status: {
      allocatable: { "nvidia.com/gpu": "4" },
      conditions: [{ type: "Ready", status: "True" }],
    },
  });

  test("is recognised, whatever it is of what the page takes", async () => {
    const kubectl = JSON.stringify({ kind: "List", items: [node("a"), node("b")] });
    expect(await drop(["pasted", kubectl])).toMatchObject({ kind: "fleet" });
    const prompts = [
      `me@box:~$ kubectl get nodes -o json\n${kubectl}\nme@box:~$ `,
      `[me@box ~]$ kubectl get nodes -o json\n${kubectl}`,
      `${kubectl}\n\n[me@box ~]# `,
    ];
    for (const text of prompts)
      expect(await drop(["pasted", text])).toMatchObject({ kind: "fleet" });
    const csv = "name, memory.total [MiB]\nNVIDIA L4, 23034 MiB\n";
    const two = await drop(["one.csv", csv], ["two.csv", csv]);
    expect(two.kind === "fleet" && resolveCluster("x", two.file).nodes).toHaveLength(2);
    const text = readFileSync("clusters/home-lab.json", "utf8");
    expect(await drop(["x.json", text])).toMatchObject({
      kind: "cluster",
      file: { name: "home-lab" },
    });
    const prices = readFileSync("clusters/prices-example.json", "utf8");
    expect(await drop(["p.json", prices])).toMatchObject({ kind: "prices" });
    const config = {
      model_type: "llama",
      num_hidden_layers: 4,
      hidden_size: 256,
      intermediate_size: 512,
      num_attention_heads: 4,
      vocab_size: 1000,
    };
    const model = await drop(["config.json", JSON.stringify(config)]);
    expect(model).toMatchObject({ kind: "model", model: { layers: 4 } });
    const named = { ...clusterFile("home-lab"), model: { config: "config.json" } };
    const both = await drop(
      ["c.json", JSON.stringify(named)],
      ["config.json", JSON.stringify(config)],
    );
    expect(both).toMatchObject({ kind: "cluster", model: { layers: 4 } });
  });

  test.each([
    ["NAME   STATUS   ROLES\nnode-1 Ready <none>\n", /kubectl get nodes -o json/],
    ["Name:  a\nRoles: <none>\nLabels: x=y\n", /kubectl get nodes -o json/],
    ['{"kind": "List", "items": [', /line 1.*its end is missing/s],
    ['{"kind": "List", "items": [{"kind": "No', /its end is missing/],
    ["", /found nothing/],
    ['{"a": 1}', /an object with the keys a/],
    ["[1, 2]", /a list/],
    ['{"format": "helix-place/cluster@1", "name": "x"}', /machines/],
    [JSON.stringify({ ...clusterFile("home-lab"), model: { config: "c.json" } }), /Drop c.json/],
  ])("is refused with what to do: %s", async (text, words) => {
    const error: unknown = await drop(["pasted", text]).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(words);
    expect((error as InputError).problems[0]!.remedy.length).toBeGreaterThan(5);
  });
});
