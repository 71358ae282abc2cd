import type { GpuRow } from "./gpu-rows.js";
import type { TextProblems } from "./import-outcome.js";

/** Most cards that one host can have. */
const MOST_CARDS = 1024;

/** `nvidia-smi -q -x`: name, memory and MIG state of every card. Linear in the text. */
export function readNvidiaXml(
  text: string,
  host: string,
  problems: TextProblems,
): readonly GpuRow[] {
  const parts = text.split(/<gpu id="[^"]*">/).slice(0, MOST_CARDS + 1);
  let line = parts[0]!.split("\n").length;
  const rows = parts.slice(1).flatMap((part): readonly GpuRow[] => {
    const place = { line, column: 1 };
    line += part.split("\n").length - 1;
    const product = element(part, "product_name");
    if (product === undefined) {
      problems.add(
        place,
        "a GPU without product_name",
        "the name of the card",
        "Run nvidia-smi -q -x.",
      );
      return [];
    }
    const memory = element(part, "fb_memory_usage") ?? "";
    const total = mebibytes(element(memory, "total"));
    const free = mebibytes(element(memory, "free"));
    const mig = /enabled/i.test(element(element(part, "mig_mode") ?? "", "current_mig") ?? "");
    return [
      {
        host,
        place,
        product,
        ...(total === undefined ? {} : { totalMebibytes: total }),
        ...(free === undefined ? {} : { freeMebibytes: free }),
        ...(mig ? { mig } : {}),
      },
    ];
  });
  if (parts.length === 1) {
    problems.add({ line: 1, column: 1 }, "no gpu element", "at least one", "Run nvidia-smi -q -x.");
  }
  return rows;
}

/** What stands in the first element of that name. */
function element(text: string, name: string): string | undefined {
  const open = text.indexOf(`<${name}>`);
  if (open < 0) return undefined;
  const close = text.indexOf(`</${name}>`, open);
  return close < 0 ? undefined : text.slice(open + name.length + 2, close).trim();
}

function mebibytes(text: string | undefined): number | undefined {
  const match = /^(\d{1,9}) MiB$/.exec(text ?? "");
  return match === null ? undefined : Number(match[1]);
}
