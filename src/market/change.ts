import { InputError } from "../core/errors.js";

/** So many machines of a type, in a region. */
export interface MachineCount {
  readonly count: number;
  readonly machine: string;
  /** Absent: wherever machines of that type are. */
  readonly region?: string;
}

/** The links that one entry of the network section describes. */
export type LinkClass =
  | { readonly kind: "within" }
  | { readonly kind: "across" }
  | { readonly kind: "regions"; readonly index: number }
  | { readonly kind: "listed" }
  | { readonly kind: "nic"; readonly machine: string };

/** One edit of a cluster file. */
export type Change =
  | ({ readonly kind: "add" | "remove" | "set" } & MachineCount)
  /** Machines become another type; count Infinity = all of them. */
  | ({ readonly kind: "upgrade"; readonly to: string } & MachineCount)
  | { readonly kind: "bandwidth"; readonly links: LinkClass; readonly addBytesPerSecond: number };

/** Changes that are tried together, under a name. */
export interface Scenario {
  readonly name: string;
  readonly changes: readonly Change[];
}

const COUNTED = /^(?:(\d{1,6})x)?([^\s@=;]+)(?:@([^\s=;]+))?$/;

/** `4xa100@us-east1`, `6xt4`, `l4` (one). @throws InputError. */
export function parseMachineCount(option: string, text: string): MachineCount {
  const match = COUNTED.exec(text.trim());
  if (match === null) throw malformed(option, text, "a count and a machine, as 4xa100@us-east1");
  const region = match[3];
  const count = match[1] === undefined ? 1 : Number(match[1]);
  return { count, machine: match[2]!, ...(region === undefined ? {} : { region }) };
}

/** `t4=l4` (all of them), `6xt4@us-east1=l4`. @throws InputError. */
export function parseUpgrade(option: string, text: string): Change {
  const [from, to, ...rest] = text.trim().split("=");
  if (from === undefined || to === undefined || rest.length > 0 || !/^[^\s@;]+$/.test(to)) {
    throw malformed(option, text, "old and new machine, as t4=l4 or 6xt4@us-east1=l4");
  }
  const counted = parseMachineCount(option, from);
  const all = !/^\d{1,6}x/.test(from.trim());
  return { kind: "upgrade", ...counted, count: all ? Infinity : counted.count, to };
}

/** `add 4xa100@us-east1`, `remove 6xt4`, `set 8xl4`, `upgrade t4=l4`. @throws InputError. */
export function parseChange(option: string, text: string): Change {
  const match = /^\s*(add|remove|set|upgrade)\s+(\S+)\s*$/.exec(text);
  if (match === null) {
    throw malformed(option, text, "add, remove, set or upgrade with machines: add 4xa100");
  }
  const kind = match[1] as "add" | "remove" | "set" | "upgrade";
  if (kind === "upgrade") return parseUpgrade(option, match[2]!);
  return { kind, ...parseMachineCount(option, match[2]!) };
}

/** `name: add 4xa100@us-east1; remove 6xt4`. Without a name the changes are it. @throws InputError. */
export function parseScenario(option: string, text: string): Scenario {
  const colon = /^([^:;]+):(.*)$/s.exec(text);
  const list = (colon?.[2] ?? text).split(";").filter((part) => part.trim() !== "");
  const name = (colon?.[1] ?? list.map((part) => part.trim()).join("; ")).trim();
  return { name, changes: list.map((part) => parseChange(option, part)) };
}

function malformed(option: string, text: string, expected: string): InputError {
  const machines = text.replace(/^\s*(add|remove|set|upgrade)\s+/, "");
  const remedy = /\S\s+(?!\d+x)\S/.test(machines)
    ? "A machine's name has no space here: write the catalogue's, which helix-place gpus lists, or rename it in the file."
    : "Correct it.";
  return new InputError("what-if", [
    { path: option, found: JSON.stringify(text), expected, remedy },
  ]);
}
