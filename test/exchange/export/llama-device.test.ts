import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { describe as placementOf } from "./shapes.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-llama-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "llama-server"), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
chmodSync(join(folder, "llama-server"), 0o755);

/** The options that llama-server is started with; a later one takes the place of an earlier one. */
function start(rooms: readonly number[], head: number, gpu: string, device?: string): object {
  const machines = Object.fromEntries(
    rooms.map((room, at) => [
      `m${at}`,
      {
        gpu: at === head ? gpu : "A100-80GB",
        profile: { tokensPerSecond: Array.from({ length: room }, () => 1000) },
      },
    ]),
  );
  const { cluster } = loadCluster(
    "c",
    JSON.stringify({
      format: "helix-place/cluster@1",
      name: "c",
      model: {
        name: "m",
        layers: rooms.reduce((sum, room) => sum + room, 0),
        layerBytes: 1e8,
        activationBytes: 4096,
        tokenBytes: 2,
        kvBytesPerToken: 1024,
      },
      machines,
      nodes: Object.keys(machines).map((id, at) => ({
        id,
        machine: id,
        region: at === head ? "near" : "far",
      })),
      network: {
        withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" },
        acrossRegions: { bandwidth: "10 Gb/s", latency: "5 ms" },
      },
      coordinator: { region: "near" },
    }),
  );
  let from = 0;
  const placement = rooms.map((room): [number, number] => {
    from += room;
    return [from - room, from];
  });
  const outcome = exportPlacement(cluster, placementOf(cluster, placement), {
    target: "llama.cpp",
  });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  const script = outcome.files.find(({ path }) => path.includes("/server-"))!;
  const words = execFileSync("/bin/bash", ["-c", script.text], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: `${folder}:/usr/bin:/bin`,
      ...(device === undefined ? {} : { LLAMA_DEVICE: device }),
    },
  }).split("\n");
  const options = new Map(
    words.flatMap((word, at) => (word[0] === "-" ? [[word, at] as const] : [])),
  );
  const value = (name: string): string => words[options.get(name)! + 1]!;
  return { devices: value("--device"), shares: value("-ts"), offloaded: value("-ngl") };
}

it.each([
  ["A100-80GB", "CUDA0"],
  ["MI300X", "ROCm0"],
  ["RX-7900-XTX", "ROCm0"],
  ["M2-Ultra-192GB", "MTL0"],
  ["Arc-B580", "SYCL0"],
])("calls a server's %s as llama.cpp does: %s", (gpu, device) => {
  const devices = `RPC0,${device},RPC1`;
  expect(start([3, 4, 5], 1, gpu)).toEqual({ devices, shares: "3,4,6", offloaded: "999" });
});

it("takes another name for the server's own card", () => {
  expect(start([3, 4], 0, "MI300X", "Vulkan0")).toMatchObject({ devices: "Vulkan0,RPC0" });
});

it("leaves a processor its layers, which are the first, and gives the others theirs", () => {
  const own = (rooms: readonly number[], head: number): object =>
    start(rooms, head, "A100-80GB", "none");
  expect(own([3, 4, 5], 0)).toEqual({ devices: "RPC0,RPC1", shares: "4,6", offloaded: "10" });
  expect(own([3, 4, 5], 2)).toEqual({ devices: "RPC0,RPC1", shares: "3,5", offloaded: "8" });
  expect(own([3, 4], 0)).toMatchObject({ devices: "RPC0", offloaded: "5" });
  expect(own([7], 0)).toMatchObject({ devices: "none", offloaded: "0" });
});
