import { InputError } from "../core/errors.js";
import type { ScenariosFile } from "../formats/scenarios-schema.js";
import { parseChange, parseMachineCount, type MachineCount, type Scenario } from "./change.js";

/** One dimension of a grid of mixes: how many machines of a kind there are in all. */
export interface GridAxis extends Omit<MachineCount, "count"> {
  readonly counts: readonly number[];
}

/** Most scenarios of one sweep. */
const MOST_SCENARIOS = 1_000_000;

/** `a100@us-east1=0..8:2,l4=0,4,8` → axes: ranges with steps, or lists. @throws InputError. */
export function parseGrid(option: string, text: string): readonly GridAxis[] {
  return text.split(/[;,](?=[^,;]*=)/).map((part) => {
    const [machine, values, ...rest] = part.trim().split("=");
    const counts = rest.length > 0 ? undefined : values?.split(",").map((each) => parseRange(each));
    if (counts === undefined || counts.some((range) => range === undefined)) {
      const expected = "axes as a100@us-east1=0..8:2,l4=0,4,8";
      throw new InputError("what-if", [
        { path: option, found: JSON.stringify(text), expected, remedy: "Correct the grid." },
      ]);
    }
    const { count: _, ...kind } = parseMachineCount(option, machine!);
    return { ...kind, counts: counts.flatMap((range) => range!) };
  });
}

function parseRange(text: string): readonly number[] | undefined {
  const match = /^\s*(\d{1,6})(?:\.\.(\d{1,6})(?::([1-9]\d{0,5}))?)?\s*$/.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  const step = match[3] === undefined ? 1 : Number(match[3]);
  if (to < from) return undefined;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);
}

/** Every combination of the counts, the last axis fastest. @throws InputError beyond a million. */
export function listGridScenarios(axes: readonly GridAxis[]): readonly Scenario[] {
  const total = axes.reduce((product, { counts }) => product * counts.length, 1);
  if (total > MOST_SCENARIOS) {
    const expected = `at most ${MOST_SCENARIOS} combinations`;
    throw new InputError("what-if", [
      { path: "--sweep", found: `${total}`, expected, remedy: "Use coarser steps." },
    ]);
  }
  let mixes: readonly (readonly MachineCount[])[] = [[]];
  for (const { counts, ...kind } of axes) {
    mixes = mixes.flatMap((mix) => counts.map((count) => [...mix, { ...kind, count }]));
  }
  return mixes.map((mix) => ({
    name: mix.map(({ count, machine, region }) => `${count}x${machine}${at(region)}`).join(" "),
    changes: mix.map((count) => ({ kind: "set", ...count }) as const),
  }));
}

const at = (region: string | undefined): string => (region === undefined ? "" : `@${region}`);

/** The scenarios of a file: those listed, then those of its grid. @throws InputError. */
export function listFileScenarios(source: string, file: ScenariosFile): readonly Scenario[] {
  const listed = (file.scenarios ?? []).map(({ name, changes }, index) => ({
    name,
    changes: changes.map((text, at) =>
      parseChange(`${source}: scenarios[${index}].changes[${at}]`, text),
    ),
  }));
  const axes = (file.grid ?? []).map(({ machine, region, counts }) => ({
    machine,
    counts,
    ...(region === undefined ? {} : { region }),
  }));
  return axes.length === 0 ? listed : [...listed, ...listGridScenarios(axes)];
}

/** The part of a sweep that shard i of n runs, i from 0: every n-th scenario, by position. */
export function positionsOfShard(total: number, index: number, of: number): readonly number[] {
  return Array.from({ length: total }, (_, position) => position).filter(
    (position) => position % of === index,
  );
}
