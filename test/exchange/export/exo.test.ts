import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { SHAPES } from "./shapes.js";
import { hasTool } from "./tools.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-exo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server with exo's two addresses, whose own placement splits evenly. */
async function serve<T>(use: (url: string, posted: () => unknown) => Promise<T>): Promise<T> {
  let posted: unknown;
  const shard = (deviceRank: number): object => ({
    PipelineShardMetadata: {
      deviceRank,
      worldSize: 3,
      startLayer: 16 * deviceRank,
      endLayer: 16 * deviceRank + 16,
      nLayers: 48,
    },
  });
  const instance = {
    MlxRingInstance: {
      shardAssignments: {
        nodeToRunner: { "exo-0": "r0", "exo-1": "r1", "exo-2": "r2" },
        runnerToShard: { r0: shard(0), r1: shard(1), r2: shard(2) },
      },
    },
  };
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      expect(request.url).toContain("model_id=test-model");
      response.end(JSON.stringify({ instance }));
      return;
    }
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      posted = JSON.parse(Buffer.concat(parts).toString());
      response.end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => posted);
  } finally {
    server.close();
  }
}

const skipped = hasTool("python3", "--version") ? "" : " (skipped: no python3)";

describe("exo", () => {
  const { cluster, file, addresses } = SHAPES["one-chain"]!;
  const outcome = exportPlacement(cluster, file, { target: "exo", addresses });
  if (outcome.kind === "refused") throw new Error("refused");
  for (const { path, text } of outcome.files) writeFileSync(join(folder, path), text);
  const patch = JSON.parse(outcome.files.find(({ path }) => path === "chain-1.json")!.text) as {
    shards: { exoNode: string | null }[];
  };
  const apply = (url: string, ...options: readonly string[]): Promise<unknown> =>
    promisify(execFile)("python3", ["apply.py", "named.json", url, ...options], { cwd: folder });
  const name = (...ids: readonly (string | null)[]): void => {
    const shards = patch.shards.map((shard, index) => ({ ...shard, exoNode: ids[index]! }));
    writeFileSync(join(folder, "named.json"), JSON.stringify({ ...patch, shards }));
  };

  it.skipIf(skipped !== "")(
    `posts its own placement with the plan's layers${skipped}`,
    async () => {
      name("exo-0", "exo-1", "exo-2");
      await serve(async (url, posted) => {
        await apply(url);
        expect(JSON.stringify(posted())).toMatch(
          /"startLayer":0,"endLayer":10,.*"startLayer":10,"endLayer":18,.*"startLayer":18,"endLayer":48,/,
        );
      });
    },
  );

  it.skipIf(skipped !== "")(
    `posts nothing where nodes are unnamed or in another order${skipped}`,
    async () => {
      await serve(async (url, posted) => {
        name("exo-1", "exo-0", "exo-2");
        await expect(apply(url)).rejects.toThrow("in the plan");
        name(null, null, null);
        await expect(apply(url)).rejects.toThrow("not filled in");
        expect(posted()).toBeUndefined();
        await apply(url, "--trust-order");
        expect(posted()).toBeDefined();
      });
    },
  );
});
