import type { MachineSpec, ProfileSpec } from "../hardware/machine-spec.js";
import type { Curve } from "../core/capacity.js";
import type { MachineEntry } from "./cluster-schema.js";
import type { ProblemList } from "./problem-list.js";
import { formatPath } from "./describe-issues.js";
import { readOptionalQuantity } from "./read-quantity.js";

/** A machine entry in SI units. Lists that do not go together are reported. */
export function resolveMachine(name: string, entry: MachineEntry, list: ProblemList): MachineSpec {
  const path = formatPath(["machines", name]);
  const gpus = entry.gpus ?? 1;
  const free = readOptionalQuantity("bytes", entry.freeMemory);
  const whole = readOptionalQuantity("bytes", entry.memory);
  const memory = free === undefined ? whole : Math.min(whole ?? Infinity, gpus * free);
  const nic = readOptionalQuantity("bytesPerSecond", entry.nic);
  const power = readOptionalQuantity("watts", entry.power);
  const load = readOptionalQuantity("bytesPerSecond", entry.loadRate);
  const price = readOptionalQuantity("dollarsPerHour", entry.pricePerHour);
  return {
    name,
    ...(entry.gpu === undefined ? {} : { gpu: entry.gpu }),
    gpus,
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    nicBytesPerSecond: nic ?? Infinity,
    ...(price === undefined ? {} : { pricePerHour: price }),
    ...(entry.unifiedMemory === undefined ? {} : { unifiedMemory: entry.unifiedMemory }),
    ...(power === undefined ? {} : { powerWatts: power }),
    ...(load === undefined ? {} : { loadBytesPerSecond: load }),
    ...(entry.interconnect === undefined ? {} : { interconnect: entry.interconnect }),
    ...(entry.profile === undefined
      ? {}
      : { profile: checkProfile(entry.profile, `${path}.profile`, list) }),
  };
}

function checkProfile(
  profile: NonNullable<MachineEntry["profile"]>,
  path: string,
  list: ProblemList,
): ProfileSpec {
  const held = profile.tokensPerSecond?.length;
  const kv = profile.kvCacheTokens;
  if (held !== undefined && kv !== undefined && kv.length !== held) {
    list.add(
      `${path}.kvCacheTokens`,
      `${kv.length} entries`,
      `${held}, one for each entry of tokensPerSecond`,
      "Give both lists for the same numbers of layers.",
    );
  }
  checkCurve(profile.promptSeconds, `${path}.promptSeconds`, list);
  checkCurve(profile.decodeSeconds, `${path}.decodeSeconds`, list);
  if ((profile.promptSeconds === undefined) !== (profile.decodeSeconds === undefined)) {
    const missing = profile.promptSeconds === undefined ? "promptSeconds" : "decodeSeconds";
    list.add(`${path}.${missing}`, undefined, "both curves or neither", "Add the missing curve.");
  }
  return profile as ProfileSpec;
}

function checkCurve(curve: Curve | undefined, path: string, list: ProblemList): void {
  curve?.forEach(([x], index) => {
    if (index > 0 && x <= curve[index - 1]![0]) {
      list.add(
        `${path}[${index}]`,
        x,
        `more than ${curve[index - 1]![0]}`,
        "Sort the points by x.",
      );
    }
  });
}
