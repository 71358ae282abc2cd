import { expect, test } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { readAddresses } from "../../../src/formats/read-addresses.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

async function planBox(box: object = { gpu: "L40S", gpus: 3, tensorParallel: 1 }) {
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "box",
    model: {
      name: "small",
      layers: 4,
      layerBytes: 4e8,
      activationBytes: 8192,
      tokenBytes: 4,
      kvBytesPerToken: 4096,
    },
    workload: { promptTokens: 300, outputTokens: 100 },
    machines: { box },
    nodes: [{ id: "box", machine: "box" }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
  });
  const constraints = { ...UNCONSTRAINED, chainsOnly: true, maxDepth: 1 };
  const options = { iterationLimit: 1, threads: 0, objective: "flow", constraints } as const;
  const outcome = await plan(cluster, options, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return { cluster, outcome };
}

test("the port of a machine is that of its first chain, the next ones have those behind it", async () => {
  const { cluster, outcome } = await planBox();
  const ports = (csv: string): readonly string[] => {
    const addresses = readAddresses("hosts.csv", csv, cluster);
    const made = exportPlacement(cluster, outcome.file, { target: "nginx", addresses });
    if (made.kind !== "exported") throw new Error(made.kind);
    const text = made.files.map((file) => file.text).join("\n");
    return [...text.matchAll(/server (\S+) weight/g)].map(([, at]) => at!).toSorted();
  };
  expect(ports("box,10.0.0.1,9000")).toEqual(["10.0.0.1:9000", "10.0.0.1:9001", "10.0.0.1:9002"]);
  // A part with a row of its own has what that says.
  expect(ports("box,10.0.0.1,9000\nbox/1,10.0.0.1,9100")).toContain("10.0.0.1:9100");
  expect(ports("box,10.0.0.1")).toEqual(["10.0.0.1:8000", "10.0.0.1:8001", "10.0.0.1:8002"]);
});

test.each(["lws", "dynamo"] as const)(
  "a host in several chains has a label for each (%s)",
  async (target) => {
    const { cluster, outcome } = await planBox();
    const made = exportPlacement(cluster, outcome.file, { target });
    if (made.kind !== "exported") throw new Error(made.kind);
    const texts = made.files.map((file) => file.text);
    const given = texts.flatMap((text) => [...text.matchAll(/kubectl label node box (.*?)`/g)]);
    const labels = given.flatMap(([, all]) => all!.split(" "));
    expect(labels).toHaveLength(3);
    // Kubernetes refuses a second value of a key.
    expect(new Set(labels.map((label) => label.split("=")[0])).size).toBe(3);
    for (const label of labels) {
      const selector = label.replace("=", ": ");
      expect(texts.some((text) => new RegExp(`nodeSelector:\\s+${selector}\\n`).test(text))).toBe(
        true,
      );
    }
  },
);

test.each(["lws", "dynamo", "ray"] as const)(
  "cards of several kinds in one machine are handed out by their number: %s says so",
  async (target) => {
    const readme = async (box?: object): Promise<string> => {
      const { cluster, outcome } = await planBox(box);
      const made = exportPlacement(cluster, outcome.file, { target });
      if (made.kind !== "exported") throw new Error(made.kind);
      return made.files.find(({ path }) => path === "README.md")!.text;
    };
    const cards = [{ gpu: "L40S" }, { gpu: "L4", freeMemory: "12 GB" }];
    expect(await readme({ cards })).toContain("- which cards of `box` a stage gets");
    expect(await readme()).not.toContain("which cards of");
  },
);
