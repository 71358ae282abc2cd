// Plans every cluster of a folder with an iteration limit and prints one SHA-256 per plan, times left out:
// what a change of the code's layout must not change.
//   node scripts/plan-digests.mjs [DIST [CLUSTERS [LIMIT ...]]]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const [dist = "dist", clusters = "clusters", ...limits] = process.argv.slice(2);
for (const file of readdirSync(clusters).filter((name) => name.endsWith(".json"))) {
  for (const limit of limits.length === 0 ? ["1", "4"] : limits) {
    const options = ["--iteration-limit", limit, "--gap", "0", "--seed", "7", "--quiet"];
    const run = spawnSync("node", [join(dist, "cli/main.js"), join(clusters, file), ...options], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const timeless = run.stdout.replaceAll(/"seconds": [^,\n]*/g, '"seconds": 0');
    const digest = createHash("sha256").update(timeless).digest("hex");
    console.log(`${file} ${limit} exit ${run.status} ${timeless.length} ${digest.slice(0, 16)}`);
  }
}
