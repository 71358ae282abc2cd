import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadCluster } from "../../src/formats/load-cluster.js";
import { runCli } from "../support/run-cli.js";

test.each(["gpus", "cards"])("a million cards of one machine are refused by name: %s", (key) => {
  const file = JSON.parse(readFileSync("clusters/one-machine.json", "utf8"));
  file.machines.l40s =
    key === "gpus" ? { gpu: "L40S", gpus: 1e6 } : { cards: [{ gpu: "L40S", count: 1e6 }] };
  expect(() => loadCluster("many", JSON.stringify(file))).toThrow(/machines\.l40s[^]*1024/u);
});

test("a time limit beyond what timers hold is refused, not taken for none", async () => {
  const { code, err } = await runCli(["clusters/one-machine.json", "--time-limit", "1e300"]);
  expect(code).toBe(2);
  expect(err).toContain("at most 1000000");
});
