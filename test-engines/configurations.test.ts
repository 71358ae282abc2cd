import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exportPlacement } from "../src/exchange/export/export-placement.js";
import type { ExportFile } from "../src/exchange/export/outcome.js";
import type { ExportTargetName } from "../src/exchange/export/targets.js";
import { SHAPES } from "../test/exchange/export/shapes.js";
import { exportManyChains } from "../test/exchange/export/many-chains.js";
import { installOn, installOnce, titled, type Installed } from "./support/cache.js";
import { run } from "./support/programs.js";
import { createEnvironment, createEnvironmentOn, installInto } from "./support/python.js";
import { writeHuggingFace } from "./support/tiny-llama.js";
import { installVllm } from "./support/vllm.js";

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

function exportShape(target: ExportTargetName, model: string): readonly ExportFile[] {
  const { cluster, file } = SHAPES["two-regions"];
  const outcome = exportPlacement(cluster, file, { target, model });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  return outcome.files;
}

let written = 0;

function write(name: string, text: string): string {
  const place = join(folder, `${written++}-${name}`);
  writeFileSync(place, text);
  return place;
}

/** What a script in an installed Python printed last, as JSON. */
function askPython(installed: Installed, script: string, ...args: readonly string[]): unknown {
  const home = installed.kind === "ready" ? installed.folder : "";
  const words = [write("ask.py", script), ...args];
  const output = run(join(home, "bin", "python"), words, {
    seconds: 500,
    env: { LITELLM_LOCAL_MODEL_COST_MAP: "True", HF_HUB_OFFLINE: "1" },
  });
  return JSON.parse(output.trim().split("\n").at(-1)!);
}

const litellm = installOnce("litellm-1.110.2", (place) => {
  createEnvironment(place);
  installInto(place, ["litellm==1.110.2"]);
});

describe.skipIf(litellm.kind !== "ready")(titled("LiteLLM's own router", litellm), () => {
  it("takes the exported configuration and divides requests by the plan's weights", () => {
    const { text } = exportShape("litellm", "m").find(({ path }) => path === "config.yaml")!;
    const weights = [...text.matchAll(/weight: (\d+)[^]*?id: (\S+)/g)];
    expect(weights.length).toBe(2);
    const taken = askPython(litellm, ROUTE, write("config.yaml", text)) as Readonly<
      Record<string, number>
    >;
    for (const [, weight, chain] of weights) {
      expect(Math.abs(taken[chain!]! / REQUESTS - Number(weight) / 1000)).toBeLessThan(NEAR);
    }
  });
});

const vllm = installVllm();

/** Ray Serve LLM builds the engine's arguments and the bundles from its own classes. */
const SERVE = `
import json, sys, yaml
from ray.serve.llm import LLMConfig
found = []
for app in yaml.safe_load(open(sys.argv[1]))["applications"]:
    for config in app["args"]["llm_configs"]:
        engine = LLMConfig(**config).get_engine_config()
        found.append([engine.engine_kwargs, engine.placement_bundles])
print(json.dumps(found))
`;
const ray = installOn(vllm, "ray-2.60.0-on-vllm-0.32.0", (place, base) =>
  createEnvironmentOn(base, place, ["ray[serve]==2.60.0", "pyarrow"]),
);

describe.skipIf(ray.kind !== "ready")(titled("Ray Serve LLM's own classes", ray), () => {
  it("take the exported applications, a bundle for every stage on its card", () => {
    const [{ text }] = exportManyChains(3, "ray") as readonly [ExportFile];
    const found = askPython(ray, SERVE, write("serve.yaml", text)) as readonly [
      Readonly<Record<string, number>>,
      readonly Readonly<Record<string, number>>[],
    ][];
    expect(found).toHaveLength(3);
    for (const [engine, bundles] of found) {
      expect(engine).toMatchObject({ tensor_parallel_size: 1, pipeline_parallel_size: 2 });
      expect(engine["max_model_len"]).toBeGreaterThan(0);
      expect(bundles).toHaveLength(2);
      for (const bundle of bundles) expect(bundle).toMatchObject({ GPU: 1 });
      expect(Object.keys(bundles[0]!)).toContain("accelerator_type:L4");
    }
    expect(() =>
      askPython(ray, SERVE, write("serve.yaml", text.replaceAll("bundles:", "bundels:"))),
    ).toThrow();
  });
});

/** SGLang's own parser, and the checks that its arguments make of themselves. */
const ARGUMENTS = `
import argparse, json, sys
from sglang.srt.server_args import ServerArgs
parser = argparse.ArgumentParser()
ServerArgs.add_cli_args(parser)
args = ServerArgs.from_cli_args(parser.parse_args(sys.argv[1:]))
print(json.dumps({"tp": args.tp_size, "pp": args.pp_size, "nodes": args.nnodes, "rank": args.node_rank,
    "tokens": args.max_total_tokens, "port": args.port}))
`;
const sglang = installOn(vllm, "sglang-0.5.23-on-vllm-0.32.0", (place, base) => {
  // Its own list asks for kernels of cards, too; this is what its arguments need beside vLLM's packages.
  createEnvironmentOn(base, place, ["--no-deps", "sglang==0.5.23"]);
  installInto(place, ["orjson", "ipython"]);
});

describe.skipIf(sglang.kind !== "ready")(titled("SGLang's own arguments", sglang), () => {
  it("are those of the exported scripts", () => {
    const model = join(folder, "tiny");
    const sizes = { layers: 48, hidden: 64, feedForward: 128, heads: 4, keyValueHeads: 2 };
    writeHuggingFace({ ...sizes, context: 4096 }, model);
    // The script's own words, as bash hands them to python3.
    writeFileSync(join(folder, "python3"), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    const scripts = exportShape("sglang", model).filter(({ path }) => path.endsWith(".sh"));
    const ranks = scripts.map(({ text }) => {
      const env = { PATH: `${folder}:/usr/bin:/bin` };
      const words = run("bash", [write("rank.sh", text)], { seconds: 60, env })
        .trim()
        .split("\n");
      expect(words.slice(0, 2)).toEqual(["-m", "sglang.launch_server"]);
      return { words: words.slice(2), text };
    });
    expect(ranks.length).toBeGreaterThan(3);
    for (const { words, text } of ranks.slice(0, 2)) {
      const [, rank, depth] = /rank (\d+) of (\d+)/.exec(text)!;
      expect(askPython(sglang, ARGUMENTS, ...words)).toMatchObject({
        tp: 1,
        pp: Number(depth),
        nodes: Number(depth),
        rank: Number(rank),
      });
    }
    const broken = [...ranks[0]!.words, "--max-total-token-count", "9"];
    expect(() => askPython(sglang, ARGUMENTS, ...broken)).toThrow();
  });
});

/** NVIDIA's reader of Dynamo graphs, which makes a request for an estimate of them. */
const READ_GRAPH = `
import json, sys
from pathlib import Path
from aiconfigurator.sdk.config_adapter.api import adapt_config
from aiconfigurator.sdk.config_adapter.dynamo import DynamoRecipeSource
from aiconfigurator.sdk.config_adapter.schema import AdapterOverrides
known = AdapterOverrides(isl=700, osl=200, concurrency=8, system_name="l40s")
for outcome in adapt_config(DynamoRecipeSource(deployment=Path(sys.argv[1])), known).outcomes:
    print(outcome.model_dump_json())
`;
const aiconfigurator = installOnce("aiconfigurator-0.12.0", (place) => {
  createEnvironment(place);
  installInto(place, ["aiconfigurator==0.12.0"]);
});

describe.skipIf(aiconfigurator.kind !== "ready")(
  titled("aiconfigurator's reader of Dynamo graphs", aiconfigurator),
  () => {
    it("finds degrees, depth and context of the plan in the exported graph", () => {
      const [{ text }] = exportManyChains(1, "dynamo") as readonly [ExportFile];
      const length = Number(/--max-model-len\s+- "(\d+)"/.exec(text)![1]);
      expect(askPython(aiconfigurator, READ_GRAPH, write("graph.yaml", text))).toMatchObject({
        status: "adapted",
        request: {
          backend: { name: "vllm" },
          topology: { worker: { tp_size: 1, pp_size: 2, gpus_per_replica: 2 } },
          runtime: { max_seq_len: length },
        },
      });
    });
  },
);

describe("TensorRT-LLM", () => {
  // Its package reads the configuration only with CUDA's libraries loaded; npm test checks the fields.
  it.skip("has no package that loads without a card", () => undefined);
});
