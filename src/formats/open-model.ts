import { InputError } from "../core/errors.js";
import type { Problem } from "../core/errors.js";
import { readGgufModel, readGgufParts } from "../model/gguf-model.js";
import type { GgufReport } from "../model/gguf-model.js";
import { readHuggingFaceConfig } from "../model/hugging-face-config.js";
import type { ConfigReport } from "../model/hugging-face-config.js";
import type { Model } from "../core/model.js";
import { extensionOf, folderNameOf, stemOf } from "../core/path-names.js";
import { describeFormatted, valueAt } from "./describe-other-file.js";
import type { FileSource } from "./file-source.js";
import { parseJson } from "./parse-json.js";

/** A model from a file, with what was understood of the file. */
export type OpenedModel =
  | { readonly format: "config"; readonly model: Model; readonly report: ConfigReport }
  | { readonly format: "gguf"; readonly model: Model; readonly report: GgufReport };

export interface OpenModelOptions {
  readonly dtype?: string;
  readonly kvDtype?: string;
}

const FIRST_PREFIX = 2 ** 20;
/** Headers carry the vocabulary; none is anywhere near this large. */
const LONGEST_HEADER = 2 ** 29;
/** The first part of a split GGUF model, as llama-gguf-split names it. */
const SPLIT_NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;
const QUANTIZATION_FILE = "hf_quant_config.json";

/**
 * A Hugging Face config.json, a folder with one, or a GGUF file → model. Beside a config.json its
 * `hf_quant_config.json` is read too; of a split GGUF model all parts are.
 * @throws InputError when the file cannot be read or understood.
 */
export async function openModel(
  path: string,
  options: OpenModelOptions,
  files: FileSource,
): Promise<OpenedModel> {
  if ((await files.sizeOf(path)) === "folder")
    return openModel(files.inside(path, "config.json"), options, files);
  const name = nameOf(path);
  if (extensionOf(path).toLowerCase() === ".gguf") {
    if (options.dtype !== undefined) throw refuse(path, DTYPE_OF_GGUF);
    return openGguf(path, name, files);
  }
  const json = parseJson(path, withoutInfinities(await files.readText(path)));
  const other = describeFormatted(json, {
    expected: "a model: its config.json as on Hugging Face, or a .gguf file",
    remedy: `Give the model's own file, or a name that helix-place models lists${namedIn(json)}.`,
  });
  if (other.length > 0) throw new InputError(path, other);
  const beside = path === "-" ? undefined : files.beside(path, QUANTIZATION_FILE);
  const text = beside === undefined ? undefined : await files.readTextIfThere(beside);
  const outcome = readHuggingFaceConfig(json, {
    name,
    ...options,
    ...(text === undefined ? {} : { quantizationFile: parseJson(beside!, text) }),
  });
  if (outcome.kind === "problems") throw new InputError(path, outcome.problems);
  return { format: "config", model: outcome.model, report: outcome.report };
}

/** The model that one of our files names, for who gave that file in place of the model's. */
function namedIn(json: unknown): string {
  const model = valueAt(json, ["model"]);
  return typeof model === "string" ? `; this file's is ${JSON.stringify(model)}` : "";
}

/** Python writes `Infinity` and `NaN` where JSON has no number: they stand for nothing that is read here. */
function withoutInfinities(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (token) => {
    if (token.startsWith('"')) return token;
    return token === "NaN" ? "0  " : "null".padEnd(token.length);
  });
}

async function openGguf(path: string, name: string, files: FileSource): Promise<OpenedModel> {
  const first = await readHeader(path, files);
  const paths = partPaths(path, files, readGgufParts(first)?.count ?? 1);
  const headers: Uint8Array[] = [];
  for (const part of paths) headers.push(part === path ? first : await readHeader(part, files));
  const outcome = readGgufModel(headers, name);
  if (outcome.kind === "problems") throw new InputError(path, outcome.problems);
  if (outcome.kind === "incomplete") throw refuse(path, CUT_HEADER);
  const { fileBytes } = outcome.report;
  for (const [index, part] of paths.entries()) {
    const size = await files.sizeOf(part);
    if (typeof size === "number" && size > headers[index]!.length && size < fileBytes[index]!)
      throw refuse(part, cutData(size, fileBytes[index]!));
  }
  return { format: "gguf", model: outcome.model, report: outcome.report };
}

/** The first bytes of a GGUF file, with its whole header; fails where there is none. */
async function readHeader(path: string, files: FileSource): Promise<Uint8Array> {
  for (let length = FIRST_PREFIX; ; length *= 8) {
    // A file that cannot be opened fails in readText with a message of its own.
    const bytes = await files.readPrefix(path, length).catch(async () => {
      await files.readText(path);
      return new Uint8Array();
    });
    const incomplete = readGgufModel(bytes, "").kind === "incomplete";
    if (!incomplete || bytes.length < length || length > LONGEST_HEADER) return bytes;
  }
}

/** All parts of a split model, by the names that its first part implies. */
function partPaths(path: string, files: FileSource, count: number): readonly string[] {
  const match = SPLIT_NAME.exec(`${stemOf(path)}${extensionOf(path)}`);
  if (count === 1 || match === null) return [path];
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(5, "0");
    return files.beside(path, `${match[1]}-${number}-of-${match[3]}.gguf`);
  });
}

/** `…/Llama-3-70B/config.json` is Llama-3-70B, `tiny.gguf` is tiny. */
function nameOf(path: string): string {
  const file = stemOf(path).replace(/-\d{5}-of-\d{5}$/, "");
  const folder = folderNameOf(path);
  return file === "config" && folder !== "." && folder !== "" ? folder : file;
}

const CUT_HEADER: Problem = {
  path: "",
  found: "a file that ends inside its header",
  expected: "a whole GGUF file",
  remedy: "Download it again.",
};

function cutData(found: number, expected: number): Problem {
  return {
    path: "",
    found: `a file of ${found} bytes`,
    expected: `${expected} bytes: its tensors reach that far`,
    remedy: "Download it again.",
  };
}

const DTYPE_OF_GGUF: Problem = {
  path: "dtype",
  found: "a type of weights for a GGUF file",
  expected: "none: the file says what its tensors take",
  remedy: "Leave dtype out.",
};

function refuse(path: string, problem: Problem): InputError {
  return new InputError(path, [problem]);
}
