import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { exportManyChains } from "../test/exchange/export/many-chains.js";
import { installOnce, titled } from "./support/cache.js";
import { run, runNicely } from "./support/programs.js";

const SOURCES = fileURLToPath(new URL("crds", import.meta.url));
/** The definitions themselves, each in the module of its project. */
const DEFINITIONS = [
  ["sigs.k8s.io/lws", "config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml"],
  ["sigs.k8s.io/gateway-api", "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"],
] as const;

/** The API server's own checks, compiled once, and the definitions beside them. */
const checker = installOnce("crds-lws-0.8.0-gateway-api-1.6.3", (folder) => {
  const go = (seconds: number, ...args: readonly string[]): string =>
    runNicely("go", args, { seconds, cwd: SOURCES });
  go(1800, "build", "-o", join(folder, "crds"), ".");
  const texts = DEFINITIONS.map(([module, path]) => {
    const home = go(60, "list", "-m", "-f", "{{.Dir}}", module).trim();
    return readFileSync(join(home, path), "utf8");
  });
  writeFileSync(join(folder, "definitions.yaml"), texts.join("\n---\n"));
});
const place = mkdtempSync(join(tmpdir(), "helix-place-crds-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** What the API server would say of these texts; its last line counts the objects. */
function check(texts: readonly string[]): readonly string[] {
  const { folder } = checker as Extract<typeof checker, { readonly kind: "ready" }>;
  const paths = texts.map((text, index) => {
    const path = join(place, `${index}.yaml`);
    writeFileSync(path, text);
    return path;
  });
  const input = readFileSync(join(folder, "definitions.yaml"), "utf8");
  return run(join(folder, "crds"), paths, { seconds: 120, input }).trim().split("\n");
}

describe.skipIf(checker.kind !== "ready")(
  titled("the API server's checks with the projects' own CRDs", checker),
  () => {
    it("take the LeaderWorkerSets and routes of 1 to 40 chains", () => {
      const counts = Array.from({ length: 40 }, (_, index) => index + 1);
      const texts = counts.flatMap((count) =>
        (["lws", "k8s-gateway"] as const).flatMap((target) =>
          exportManyChains(count, target).map(({ text }) => text),
        ),
      );
      // A set per chain, and a route per plan.
      const objects = counts.reduce((sum, count) => sum + count + 1, 0);
      expect(check(texts)).toEqual([`checked ${objects}`]);
    });

    it.each([
      ["lws", /size: 2/, "size: two", /size/],
      ["lws", /leaderTemplate:/, "headTemplate:", /headTemplate/],
      ["k8s-gateway", /weight: \d+/, "weight: -1", /weight/],
      ["k8s-gateway", /request: 0s/, "request: soon", /timeouts/],
    ] as const)("refuse a broken object of %s: %s", (target, from, to, said) => {
      const texts = exportManyChains(2, target).map(({ text }) => text.replace(from, to));
      const problems = check(texts);
      expect(problems.length).toBeGreaterThan(1);
      expect(problems.join("\n")).toMatch(said);
    });
  },
);

describe("NVIDIA Dynamo", () => {
  // No package of a registry that this test can use has its definitions; npm test checks the fields.
  it.skip("has no definitions to be had", () => undefined);
});
