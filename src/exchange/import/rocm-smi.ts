import { GIBI, GIGA, MEBI } from "../../core/units.js";
import { parseCsv } from "../../formats/parse-csv.js";
import { parseJson } from "../../formats/parse-json.js";
import { GPU_CATALOGUE } from "../../hardware/gpu-catalogue.js";
import type { GpuRow } from "./gpu-rows.js";
import type { Place, TextProblems } from "./import-outcome.js";

const REMEDY = "Run rocm-smi --showproductname --showmeminfo vram --csv on the host.";
const NAMES = ["card series", "card model", "market_name", "product name"];
const TOTAL = /vram total memory \(b\)/;
const USED = /vram total used memory \(b\)/;

export interface RocmOutput {
  readonly text: string;
  readonly host: string;
  /** The card, where the tool does not name it. */
  readonly usualGpu: string | undefined;
}

/** Whether this is rocm-smi's output, as CSV or JSON. */
export function looksLikeRocm(start: string): boolean {
  const head = start.slice(0, 2000).toLowerCase();
  return head.startsWith("device,") || (head.startsWith("{") && /"card\d+"/.test(head));
}

/** `rocm-smi --showproductname --showmeminfo vram`, with --csv or --json. */
export function readRocmSmi(
  { text, host, usualGpu }: RocmOutput,
  problems: TextProblems,
  assumptions: string[],
): readonly GpuRow[] {
  const cards = /^\s*\{/.test(text) ? jsonCards(text) : csvCards(text);
  return cards.flatMap(({ place, fields }): readonly GpuRow[] => {
    const field = (matches: (title: string) => boolean): string | undefined =>
      fields.find(([title, value]) => matches(title) && value !== "" && value !== "N/A")?.[1];
    const total = toMebibytes(field((title) => TOTAL.test(title)));
    const used = toMebibytes(field((title) => USED.test(title)));
    const named = NAMES.map((name) => field((title) => title === name)).find(
      (name) => name !== undefined && !name.startsWith("0x"),
    );
    const product = named ?? usualGpu ?? onlyCardWith(total, assumptions);
    if (product === undefined) {
      problems.add(
        place,
        "a card without its name",
        "the product name",
        `${REMEDY} Or name it with --gpu.`,
      );
      return [];
    }
    return [
      {
        host,
        place,
        product,
        ...(total === undefined ? {} : { totalMebibytes: total }),
        ...(total === undefined || used === undefined ? {} : { freeMebibytes: total - used }),
      },
    ];
  });
}

interface CardFields {
  readonly place: Place;
  /** Titles in lower case, with what stands under them. */
  readonly fields: readonly (readonly [string, string])[];
}

function csvCards(text: string): readonly CardFields[] {
  const [head, ...rows] = parseCsv(text);
  return rows
    .filter((row) => /^card/i.test(row[0]!.text))
    .map((row) => ({
      place: row[0]!,
      fields: row.map((cell, index) => [head?.[index]?.text.toLowerCase() ?? "", cell.text]),
    }));
}

function jsonCards(text: string): readonly CardFields[] {
  const json = parseJson("rocm-smi", text) as Readonly<Record<string, unknown>>;
  return Object.entries(json)
    .filter(([key, value]) => /^card\d+$/.test(key) && typeof value === "object" && value !== null)
    .map(([, value]) => ({
      place: { line: 1, column: 1 },
      fields: Object.entries(value as object).map(([title, entry]) => [
        title.toLowerCase(),
        String(entry),
      ]),
    }));
}

function toMebibytes(bytes: string | undefined): number | undefined {
  return bytes !== undefined && /^\d{1,15}$/.test(bytes) ? Number(bytes) / MEBI : undefined;
}

/** The one card of AMD's catalogue with that memory, to the byte of a MiB. */
function onlyCardWith(mebibytes: number | undefined, assumptions: string[]): string | undefined {
  if (mebibytes === undefined) return undefined;
  const gigabytes = Math.round((mebibytes * MEBI) / GIBI);
  const cards = GPU_CATALOGUE.filter(
    ({ name, memoryBytes }) => /^MI\d/.test(name) && memoryBytes === gigabytes * GIGA,
  );
  const [only] = cards;
  if (only === undefined || cards.length > 1) return undefined;
  assumptions.push(
    `a card without a name and ${gigabytes} GB is taken as ${only.name}, the only one of that memory in the catalogue (name it with --gpu)`,
  );
  return only.name;
}
