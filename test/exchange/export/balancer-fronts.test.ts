import { expect, test } from "vitest";
import type { EngineName } from "../../../src/core/engine-choice.js";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { SHAPES } from "./shapes.js";

const { cluster, file } = SHAPES["one-chain"]!;

test.each(["nginx", "envoy", "litellm", "k8s-gateway"] as const)(
  "%s says where nothing answers, as the engine divides requests itself",
  (target) => {
    const readme = (name: EngineName): string => {
      const planned = { ...cluster, engine: { name, from: "asked for" } as const };
      const outcome = exportPlacement(planned, file, { target });
      if (outcome.kind !== "exported") throw new Error(JSON.stringify(outcome.refusals));
      return outcome.files.find(({ path }) => path === "README.md")!.text;
    };
    const nothing = "nothing answers where a chain is reached here";
    for (const name of ["petals", "parallax"] as const) expect(readme(name)).toContain(nothing);
    expect(readme("vllm")).not.toContain(nothing);
  },
);

test.each(["nginx", "envoy", "litellm"] as const)(
  "%s says on which port it listens, and it is none of a chain that may stand on the same host",
  (target) => {
    const planned = { ...cluster, engine: { name: "llama.cpp", from: "asked for" } as const };
    const outcome = exportPlacement(planned, file, { target });
    if (outcome.kind !== "exported") throw new Error(JSON.stringify(outcome.refusals));
    const [readme, config] = outcome.files;
    expect(config!.text).toMatch(/8080/); // of the chain
    expect(readme!.text).toContain("listens on port 8081");
    if (target === "litellm") expect(readme!.text).toContain("--port 8081");
  },
);
