import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exportPlacement } from "../src/exchange/export/export-placement.js";
import type { ExportTargetName } from "../src/exchange/export/targets.js";
import { SHAPES } from "../test/exchange/export/shapes.js";
import { installOnce, titled } from "./support/cache.js";
import { run } from "./support/programs.js";
import { createEnvironment, installInto } from "./support/python.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-configurations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REQUESTS = 4000;
/** Five standard deviations of a share of half the requests. */
const NEAR = 5 * Math.sqrt(0.25 / REQUESTS);

/** Which chain LiteLLM's router takes, how often. */
const ROUTE = `
import json, sys, yaml
from litellm import Router
config = yaml.safe_load(open(sys.argv[1]))
router = Router(model_list=config["model_list"], **config["router_settings"])
name = config["model_list"][0]["model_name"]
taken = {}
for _ in range(${REQUESTS}):
    chosen = router.get_available_deployment(model=name, messages=[{"role": "user", "content": "x"}])
    chain = chosen["model_info"]["id"]
    taken[chain] = taken.get(chain, 0) + 1
print(json.dumps(taken))
`;

function fileOf(target: ExportTargetName, path: string): { readonly place: string; text: string } {
  const { cluster, file } = SHAPES["two-regions"];
  const outcome = exportPlacement(cluster, file, { target });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  const { text } = outcome.files.find((one) => one.path === path)!;
  const place = join(folder, path);
  writeFileSync(place, text);
  return { place, text };
}

const litellm = installOnce("litellm-1.110.2", (place) => {
  createEnvironment(place);
  installInto(place, ["litellm==1.110.2"]);
});

describe.skipIf(litellm.kind !== "ready")(titled("LiteLLM's own router", litellm), () => {
  it("takes the exported configuration and divides requests by the plan's weights", () => {
    const { place, text } = fileOf("litellm", "config.yaml");
    const weights = [...text.matchAll(/weight: (\d+)[^]*?id: (\S+)/g)];
    expect(weights.length).toBe(2);
    writeFileSync(join(folder, "route.py"), ROUTE);
    const python = join(litellm.kind === "ready" ? litellm.folder : "", "bin", "python");
    const output = run(python, [join(folder, "route.py"), place], {
      seconds: 300,
      env: { LITELLM_LOCAL_MODEL_COST_MAP: "True" },
    });
    const taken = JSON.parse(output.trim().split("\n").at(-1)!) as Readonly<Record<string, number>>;
    for (const [, weight, chain] of weights) {
      expect(Math.abs(taken[chain!]! / REQUESTS - Number(weight) / 1000)).toBeLessThan(NEAR);
    }
  });
});
