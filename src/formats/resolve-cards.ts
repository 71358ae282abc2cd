import { GIGA } from "../core/units.js";
import type { Assumption, Model } from "../core/model.js";
import type { Engine } from "../engines/engine.js";
import { refuseCards } from "../engines/tensor-degree.js";
import type { MachineSpec } from "../hardware/machine-spec.js";
import type { MachineEntry, TensorParallelEntry } from "./cluster-schema.js";
import { formatPath } from "./describe-issues.js";
import type { ProblemList } from "./problem-list.js";
import { readOptionalQuantity } from "./read-quantity.js";

/** Cards of one kind in a machine, and what so many of them are as one node. */
export interface RowSpec {
  readonly first: number;
  readonly count: number;
  /** By degree of tensor parallelism, ascending; never empty. */
  readonly degrees: ReadonlyMap<number, MachineSpec>;
  /** Where the kind of card stands in the file. */
  readonly path: string;
}

/** Machines whose degree is asked for by the file as a whole take what they can of it. */
type Asked = { readonly setting: TensorParallelEntry; readonly own: boolean };

/** What every machine's cards depend on. */
export interface CardRules {
  /** The degree that the file asks of all machines. */
  readonly forAll: TensorParallelEntry | undefined;
  readonly model: Model;
  readonly engine: Engine;
  /** Machines are shared out whatever the file says: a placement names their parts. */
  readonly parted: boolean;
  /** Machines that the file says nothing of stay one node: what it holds is for the Helix paper's prototype. */
  readonly prototype: boolean;
  /** Told of what the file leaves open. */
  readonly assume: (assumption: Assumption) => void;
}

/**
 * How the cards of a machine type may work together: in any way that model and engine allow where the file does
 * not say it. Undefined where the machine is one node: a single card, all cards as one, or figures that were given
 * for the machine as a whole.
 */
export function resolveCards(
  spec: MachineSpec,
  entry: MachineEntry,
  { forAll, model, engine, parted, prototype, assume }: CardRules,
  list: ProblemList,
): readonly RowSpec[] | undefined {
  const rules = { model, engine };
  const path = formatPath(["machines", spec.name]);
  const divisible = spec.gpu !== undefined && spec.profile === undefined;
  const refusal = divisible ? refuseCards(engine, model, spec.gpus) : undefined;
  const open = entry.cards !== undefined || refusal !== undefined || (divisible && !prototype);
  const said = entry.tensorParallel ?? forAll ?? (open ? "auto" : undefined);
  // What a placement names stands, though the file would share out otherwise.
  const named = divisible && parted;
  const setting = named ? "auto" : said;
  const own = !named && entry.tensorParallel !== undefined;
  const asked = setting === undefined ? undefined : { setting, own };
  const isOpen = said === "auto" && (entry.tensorParallel ?? forAll) === undefined;
  if (entry.cards !== undefined) {
    for (const key of ["gpu", "gpus", "memory", "freeMemory", "profile"] as const) {
      if (entry[key] === undefined) continue;
      list.add(
        `${path}.${key}`,
        entry[key],
        "nothing beside cards",
        "Say it of each kind of card.",
      );
    }
    const kinds = joinAlike(entry.cards);
    const cards = kinds.reduce((sum, { count }) => sum + count, 0);
    let first = 0;
    return kinds.map(({ gpu, count, memory, at }, index) => {
      const one = { ...spec, gpu, ...(memory === undefined ? {} : { memoryBytes: memory }) };
      const row = { first, count, path: `${path}.cards[${at}]` };
      first += count;
      const degrees = degreesOf(count, asked!, rules, path, list);
      if (degrees.length > 1 && isOpen) assume(leftOpen(`${count} ${gpu}`, path, degrees));
      // Of cards of one kind with other memory each, the memory is a part of the name.
      const own = kinds.some((kind, other) => gpu === kind.gpu && other !== index);
      const size = own && memory !== undefined ? `-${Math.floor(memory / GIGA)}gb` : "";
      return { ...row, degrees: specsOf(one, `${spec.name}/${gpu}${size}`, cards, degrees) };
    });
  }
  const { gpus } = spec;
  if (asked === undefined || (gpus === 1 && !asked.own)) return undefined;
  if (spec.profile !== undefined || spec.gpu === undefined) {
    if (asked.own && !["auto", "whole", gpus].includes(asked.setting as string | number)) {
      const expected = `"auto" or ${gpus}: profile says what all cards together do`;
      list.add(`${path}.tensorParallel`, asked.setting, expected, "Leave the profile out.");
    }
    return undefined;
  }
  const degrees = degreesOf(gpus, asked, rules, path, list);
  if (refusal !== undefined && entry.tensorParallel === undefined && forAll === undefined) {
    assume({
      what: `the ${gpus} cards of ${path} cannot work as one node`,
      where: `${path}.gpus`,
      effect: `${refusal}: they are shared out in parts of ${degrees.join(", ")}, as "tensorParallel": "auto" says`,
    });
  }
  if (degrees.length === 1 && degrees[0] === gpus) return undefined;
  if (refusal === undefined && isOpen) assume(leftOpen(`${gpus} cards`, path, degrees));
  const { memoryBytes } = spec;
  const one = memoryBytes === undefined ? spec : { ...spec, memoryBytes: memoryBytes / gpus };
  return [{ first: 0, count: gpus, degrees: specsOf(one, spec.name, gpus, degrees), path }];
}

function leftOpen(cards: string, path: string, degrees: readonly number[]): Assumption {
  return {
    what: `how the ${cards} of ${path} work together is left open`,
    where: `${path}.tensorParallel`,
    effect: `the planner chooses parts of ${degrees.join(", ")}; "whole" there, or --tensor-parallel whole, keeps a machine one node`,
    isDefault: true,
  };
}

/** Cards of one kind, and where the file says it first. */
interface CardKind {
  readonly gpu: string;
  readonly count: number;
  /** Bytes of one that are free. */
  readonly memory: number | undefined;
  readonly at: number;
}

/** Cards listed one by one that are alike and stand side by side are cards of one kind: they can work together. */
function joinAlike(cards: NonNullable<MachineEntry["cards"]>): readonly CardKind[] {
  const kinds: CardKind[] = [];
  for (const [at, { gpu, count = 1, memory: whole, freeMemory }] of cards.entries()) {
    const memory = smaller(whole, freeMemory);
    const last = kinds.at(-1);
    if (last?.gpu === gpu && last.memory === memory)
      kinds[kinds.length - 1] = { ...last, count: last.count + count };
    else kinds.push({ gpu, count, memory, at });
  }
  return kinds;
}

function listWanted(
  setting: Exclude<TensorParallelEntry, "auto">,
  count: number,
): readonly number[] {
  if (setting === "whole") return [count];
  return typeof setting === "number" ? [setting] : [...setting].sort((a, b) => a - b);
}

/** A part's share of what the machine has as a whole. */
function shareOf(
  { pricePerHour, powerWatts, loadBytesPerSecond }: MachineSpec,
  share: number,
): Pick<MachineSpec, "pricePerHour" | "powerWatts" | "loadBytesPerSecond"> {
  return {
    ...(pricePerHour === undefined ? {} : { pricePerHour: pricePerHour * share }),
    ...(powerWatts === undefined ? {} : { powerWatts: powerWatts * share }),
    ...(loadBytesPerSecond === undefined ? {} : { loadBytesPerSecond: loadBytesPerSecond * share }),
  };
}

/** @param one a single card. @param cards of the whole machine: its price goes by cards. */
function specsOf(
  one: MachineSpec,
  name: string,
  cards: number,
  degrees: readonly number[],
): ReadonlyMap<number, MachineSpec> {
  return new Map(
    degrees.map((degree) => [
      degree,
      {
        ...one,
        name: `${name}/tp${degree}`,
        gpus: degree,
        ...(one.memoryBytes === undefined ? {} : { memoryBytes: one.memoryBytes * degree }),
        // Its share of the machine's NIC depends on what the other parts send.
        nicBytesPerSecond: Infinity,
        ...shareOf(one, degree / cards),
      },
    ]),
  );
}

/** Degrees that the file asks for and the model allows, ascending. Never empty. */
function degreesOf(
  count: number,
  { setting, own }: Asked,
  { model, engine }: Pick<CardRules, "model" | "engine">,
  path: string,
  list: ProblemList,
): readonly number[] {
  const legal = legalDegrees(engine, model, count);
  if (setting === "auto") return legal;
  const wanted = listWanted(setting, count);
  const possible = [...new Set(wanted)].filter((degree) => refuse(degree) === undefined);
  if (own) {
    for (const degree of wanted) {
      const why = refuse(degree);
      if (why === undefined) continue;
      list.add(
        `${path}.tensorParallel`,
        degree,
        `one of ${legal.join(", ")}: ${why}`,
        'Take one of these, or "auto".',
      );
    }
  }
  if (possible.length > 0) return possible;
  return [legal.filter((degree) => degree <= wanted[0]!).at(-1) ?? 1];

  function refuse(degree: number): string | undefined {
    if (degree > count) return `the machine has ${count} such card${count === 1 ? "" : "s"}`;
    return refuseCards(engine, model, degree);
  }
}

/**
 * Degrees up to `count` by which attention can be divided, ascending; powers of two where the model's
 * heads are not known.
 */
function legalDegrees(engine: Engine, model: Model, count: number): readonly number[] {
  const known = model.attentionHeads !== undefined;
  return Array.from({ length: count }, (_, index) => index + 1).filter(
    (degree) =>
      refuseCards(engine, model, degree) === undefined &&
      (known || Number.isInteger(Math.log2(degree))),
  );
}

function smaller(
  a: number | string | undefined,
  b: number | string | undefined,
): number | undefined {
  const both = [readOptionalQuantity("bytes", a), readOptionalQuantity("bytes", b)];
  const given = both.filter((bytes) => bytes !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
