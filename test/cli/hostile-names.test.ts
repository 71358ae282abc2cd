import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const EVIL = "\u001B[31m\u001B]0;title\u0007\u009B1m\r\nFORGED\u202E\u2066\u2028-<b>&'\"";
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]|<b>&/u;
const evil = (name: string): string => `${name}${EVIL}`;

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);

function put(name: string, content: unknown): string {
  writeFileSync(place(name), typeof content === "string" ? content : JSON.stringify(content));
  return place(name);
}

const CLUSTER = {
  format: "helix-place/cluster@1",
  name: evil("cluster"),
  model: "llama-30b",
  machines: { [evil("machine")]: { gpu: "A100-40GB", gpus: 2, pricePerHour: 1 } },
  nodes: [
    { id: evil("one"), machine: evil("machine"), region: evil("here"), count: 2 },
    { id: evil("two"), machine: evil("machine"), region: evil("there") },
  ],
  network: {
    withinRegion: { bandwidth: "1 Gb/s", latency: "1 ms" },
    acrossRegions: { bandwidth: "100 Mb/s", latency: "9 ms" },
  },
};

/** Runs a command; neither stream may hold what steers a terminal, nor a line that a name made. */
async function run(...argv: readonly string[]): Promise<number> {
  const { code, out, err } = await runCli(argv);
  for (const text of [out, err]) {
    expect(text.replaceAll("<b>&", ""), argv[0]).not.toMatch(UNSAFE);
    expect(text, argv[0]).not.toMatch(/^FORGED/m);
  }
  expect(code, err).not.toBe(70);
  return code;
}

test("names of a cluster file reach no terminal and no page raw, whatever is asked", async () => {
  const cluster = put("cluster.json", CLUSTER);
  const placement = place("placement.json");
  const quick = ["--threads", "0", "--iteration-limit", "1"];
  const pages = ["plan.html", "map.svg", "run.html", "what-if.html", "compare.html"].map(place);
  const [plan, map, simulation, whatIf, comparison] = pages as [
    string,
    string,
    string,
    string,
    string,
  ];
  const files = ["-o", placement, "--report", plan, "--map", map];
  expect(await run("plan", cluster, ...quick, ...files)).toBe(0);
  expect(await run("check", cluster, placement)).toBe(0);
  expect(await run("explain", cluster, placement)).toBe(0);
  expect(await run("explain", cluster, placement, "--json")).toBe(0);
  const short = ["--threads", "0", "--warmup", "0", "--duration", "30"];
  expect(await run("simulate", cluster, placement, ...short, "--report", simulation)).toBe(0);
  const against = ["--placement", placement, "--strategy", "petals", "--report", comparison];
  expect(await run("compare", cluster, ...short, ...against)).toBe(0);
  const wrong = JSON.parse(readFileSync(placement, "utf8")) as { throughput: number };
  wrong.throughput++;
  expect(await run("check", cluster, put("wrong.json", wrong))).toBe(1);
  expect(await run("what-if", cluster, "--marginal", ...quick, "--report", whatIf)).toBe(0);
  expect(await run("export", cluster, placement, "--to", "vllm")).not.toBe(0);
  for (const page of pages) expect(readFileSync(page, "utf8"), page).not.toMatch(UNSAFE);
});

test("what is wrong with a file is said without its tricks", async () => {
  const nodes = [...CLUSTER.nodes, { id: evil("x"), machine: evil("y"), [evil("key")]: 1 }];
  const links = [{ from: evil("q"), to: evil("one"), bandwidth: evil("5"), latency: evil("") }];
  const network = { ...CLUSTER.network, links };
  expect(await run(put("bad.json", { ...CLUSTER, nodes, network }))).toBe(2);
  expect(await run(put("model.json", { ...CLUSTER, model: { config: evil("m") } }))).toBe(2);
  expect(await run("import", "--helix", put("x.ini", `[Coordinator]\n${EVIL}\n`))).toBe(2);
  const item = { kind: "Node", metadata: { name: evil("n"), labels: { [evil("l")]: evil("v") } } };
  expect(
    await run("import", "--kubernetes", put("nodes.json", { kind: "List", items: [item] })),
  ).toBe(2);
  const config = { model_type: evil("t"), architectures: [evil("a")], torch_dtype: evil("d") };
  expect(await run("model", put("config.json", config))).toBe(2);
  expect(await run("plan", put("cluster.json", CLUSTER), "--drain", evil("nobody"))).toBe(2);
});
