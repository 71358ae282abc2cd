import { InputError } from "../core/errors.js";
import type { Model } from "../core/model.js";
import type { ClusterFile } from "../formats/cluster-schema.js";
import { openCluster } from "../formats/load-cluster.js";
import { openModel } from "../formats/open-model.js";
import { parseJson } from "../formats/parse-json.js";
import { readPriceList, type PriceList } from "../formats/price-list-schema.js";
import { importCluster } from "../exchange/import/import-cluster.js";
import { filesAsDropped, type DroppedFile } from "./dropped-files.js";

/** What somebody dropped or pasted turned out to be. */
export type Dropped =
  | { readonly kind: "cluster"; readonly file: ClusterFile; readonly model?: Model }
  /** Machines and links; the model and the workload are still to be said. */
  | { readonly kind: "fleet"; readonly file: ClusterFile; readonly notes: readonly string[] }
  | { readonly kind: "model"; readonly model: Model; readonly from: string }
  | { readonly kind: "prices"; readonly prices: PriceList };

type Kind = "cluster" | "kubernetes" | "nvidia-smi" | "config" | "gguf" | "prices";

const KINDS =
  "a cluster file, the output of kubectl get nodes -o json or of nvidia-smi, a model's config.json or .gguf file, or a price list";

/**
 * Reads what was dropped, whatever it is of what the page takes. Several files are read together: the cards of
 * several hosts, or a cluster file and the model file that it names.
 * @throws InputError with everything that is wrong.
 */
export async function readDropped(asGiven: readonly DroppedFile[]): Promise<Dropped> {
  const dropped = await Promise.all(asGiven.map(withoutPrompts));
  const files = filesAsDropped(dropped);
  const kinds = new Map<Kind, string[]>();
  for (const one of dropped) {
    const kind = await recognise(one);
    kinds.set(kind, [...(kinds.get(kind) ?? []), one.name]);
  }
  const first = (kind: Kind): string | undefined => kinds.get(kind)?.[0];
  const cluster = first("cluster");
  if (cluster !== undefined) {
    const { file, referencedModel: model } = await openCluster(cluster, files);
    return { kind: "cluster", file, ...(model === undefined ? {} : { model }) };
  }
  const kubernetes = first("kubernetes");
  const nvidiaSmi = kinds.get("nvidia-smi");
  if (kubernetes !== undefined || nvidiaSmi !== undefined) {
    const { file, assumptions, leftOut } = await importCluster(
      {
        ...(kubernetes === undefined ? {} : { kubernetes }),
        ...(nvidiaSmi === undefined ? {} : { nvidiaSmi }),
      },
      files,
    );
    const missing = leftOut.map(
      ({ path, found, remedy }) => `left out: ${path === "" ? "" : `${path}: `}${found}. ${remedy}`,
    );
    // The page keeps the model and the requests that it shows; what a terminal would take is not taken here.
    const taken = assumptions.filter((note) => !/^(model|workload):/.test(note));
    return { kind: "fleet", file, notes: [...missing, ...taken] };
  }
  const model = first("config") ?? first("gguf");
  if (model !== undefined) {
    return { kind: "model", model: (await openModel(model, {}, files)).model, from: model };
  }
  const prices = first("prices")!;
  return {
    kind: "prices",
    prices: readPriceList(prices, parseJson(prices, await files.readText(prices))),
  };
}

/** Marks of GGUF files, as their first four bytes. */
const GGUF = "GGUF";
const ENOUGH = 1 << 16;

async function recognise({ name, content }: DroppedFile): Promise<Kind> {
  const start = (await content.slice(0, ENOUGH).text()).replace(/^\uFEFF/, "");
  if (start.startsWith(GGUF)) return "gguf";
  if (/^\s*</.test(start) && start.includes("nvidia_smi")) return "nvidia-smi";
  if (!/^\s*[[{]/.test(start)) {
    if (/^\s*(apiVersion|kind|items)\s*:/m.test(start)) return "kubernetes";
    if (/^\s*NAME\s+STATUS\s/.test(start)) throw notJson(name, "the table of kubectl get nodes");
    if (/^Name:\s/m.test(start) && /^(Labels|Roles):\s/m.test(start))
      throw notJson(name, "the text of kubectl describe");
    if (/^(\+-|GPU \d+:|[^\n]*,)/m.test(start.trimStart())) return "nvidia-smi";
    throw unknown(name, start.trim() === "" ? "nothing" : `"${start.trim().slice(0, 40)}…"`);
  }
  const json = parseJson(name, (await content.text()).replace(/-?\bInfinity\b|\bNaN\b/g, "null"));
  if (typeof json !== "object" || json === null) throw unknown(name, "a bare value");
  if (Array.isArray(json)) throw unknown(name, "a list");
  const { format, kind, items } = json as Readonly<Record<string, unknown>>;
  if (typeof format === "string" && format.startsWith("helix-place/cluster")) return "cluster";
  if (typeof format === "string" && format.startsWith("helix-place/prices")) return "prices";
  if (typeof kind === "string" || Array.isArray(items)) return "kubernetes";
  const isConfig = ["model_type", "architectures", "num_hidden_layers", "n_layer", "text_config"];
  if (isConfig.some((key) => Object.hasOwn(json, key))) return "config";
  if (Object.keys(json).some((key) => /^card\d+$/.test(key))) return "nvidia-smi";
  if (Object.hasOwn(json, "machines") && Object.hasOwn(json, "nodes")) return "cluster";
  throw unknown(name, `an object with the keys ${Object.keys(json).slice(0, 5).join(", ")}`);
}

function unknown(source: string, found: string): InputError {
  return new InputError(source, [
    { path: "", found, expected: KINDS, remedy: "Drop or paste one of these, whole." },
  ]);
}

function notJson(source: string, what: string): InputError {
  return new InputError(source, [
    {
      path: "",
      found: `${what}, which is written for people`,
      expected: "the same as JSON",
      remedy: "Run kubectl get nodes -o json and paste all of it.",
    },
  ]);
}

/** More is a file, not what somebody copied out of a terminal. */
const LARGEST_PASTE = 20e6;

/**
 * What was copied out of a terminal without the command before it and the prompt behind it; all else as it is.
 * Linear in the text.
 */
async function withoutPrompts(one: DroppedFile): Promise<DroppedFile> {
  if (one.content.size > LARGEST_PASTE) return one;
  const text = await one.content.text();
  if (text.includes("\0")) return one;
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const last = lines.findLastIndex((line) => line.trim() !== "");
  const begin = COMMAND.test(lines[first] ?? "") ? first + 1 : 0;
  const end = last > begin && PROMPT.test(lines[last]!) ? last : lines.length;
  if (begin === 0 && end === lines.length) return one;
  return { ...one, content: new Blob([lines.slice(begin, end).join("\n")]) };
}

const COMMAND = /^[^{}"<]*\b(?:kubectl|oc|nvidia-smi|rocm-smi|cat)\s/;
/** `[user@host ~]$`: no line of JSON, of CSV or of XML ends so without a quote, a comma or a bracket. */
const PROMPT = /^[^{}",<]{1,120}[$#%>]\s*$/;
