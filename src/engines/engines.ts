import type { EngineName } from "../core/engine-choice.js";
import type { Engine } from "./engine.js";
import { EXO } from "./exo.js";
import { HELIX_ENGINE } from "./helix/engine.js";
import { LLAMA_CPP } from "./llama-cpp.js";
import { PARALLAX } from "./parallax.js";
import { PETALS } from "./petals.js";
import { SGLANG } from "./sglang.js";
import { TENSORRT_LLM } from "./tensorrt-llm.js";
import { VLLM } from "./vllm.js";

/** Every engine, by name. */
const ENGINES: Readonly<Record<EngineName, Engine>> = {
  helix: HELIX_ENGINE,
  vllm: VLLM,
  sglang: SGLANG,
  "tensorrt-llm": TENSORRT_LLM,
  "llama.cpp": LLAMA_CPP,
  petals: PETALS,
  parallax: PARALLAX,
  exo: EXO,
};

export function findEngine(name: EngineName): Engine {
  return ENGINES[name];
}
