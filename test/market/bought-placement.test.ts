import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const network = { withinRegion: { bandwidth: "10 Gb/s" } };
const machine = { gpu: "L4", pricePerHour: 1 };
const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "one",
  model: "llama-3.2-1b",
  machines: { l4: machine },
  nodes: [{ id: "a", machine: "l4", region: "r" }],
  network,
  coordinator: { region: "r" },
};
const PRICES = {
  format: "helix-place/prices@1",
  name: "p",
  date: "2026-11-01",
  machines: { l4: { ...machine, availability: [{ region: "r", count: 2 }] } },
  network,
};

test("the placement of a purchase is one of the cluster file that is written beside it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bought-"));
  try {
    const at = (name: string): string => join(folder, name);
    await writeFile(at("c.json"), JSON.stringify(CLUSTER));
    await writeFile(at("p.json"), JSON.stringify(PRICES));
    const asked = ["--prices", at("p.json"), "--budget", "1", "--iteration-limit", "1"];
    const brief = ["--threads", "0", "--no-choose-batch-tokens", "--json", "--quiet"];
    const own = ["what-if", at("c.json"), ...asked, ...brief, "-o", at("b.json")];
    const { code, out, err } = await runCli(own);
    expect(code, err).toBe(0);
    const { placement } = JSON.parse(out) as { placement: { cluster: { name: string } } };
    await writeFile(at("placement.json"), JSON.stringify(placement));
    const { name } = JSON.parse(await readFile(at("b.json"), "utf8")) as { name: string };
    expect(placement.cluster.name).toBe(name);
    const checked = await runCli(["check", at("b.json"), at("placement.json"), "--json"]);
    expect(JSON.parse(checked.out)).toMatchObject({ holds: true, sameCluster: true });
    expect(checked.err).not.toContain("another version");
  } finally {
    await rm(folder, { recursive: true });
  }
});
