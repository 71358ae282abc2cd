import type { Problem } from "../core/errors.js";

/** The object behind a config.json, with a note of every key that was used. */
export interface ConfigFields {
  readonly used: readonly UsedField[];
  readonly problems: readonly Problem[];
  /** The first of the keys with a positive whole number; a key that is present but wrong is a problem. */
  count(keys: readonly string[], atMost?: number): number | undefined;
  /** The same, and a problem when none of the keys is there; 1 is returned then. */
  required(keys: readonly string[], what: string, atMost?: number): number;
  flag(key: string): boolean | undefined;
  text(key: string): string | undefined;
  list(key: string): readonly unknown[] | undefined;
  object(key: string): ConfigObject | undefined;
}

export type ConfigObject = Readonly<Record<string, unknown>>;

/** A key of the file that was understood, and what stood there. */
export interface UsedField {
  readonly key: string;
  readonly value: unknown;
}

/** No size of a real model comes near it; products of four stay finite. */
const LARGEST_COUNT = 1e9;

export function isObject(value: unknown): value is ConfigObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads fields of `config`; keys of the nested attention and feed-forward objects count as its own. */
export function createConfigFields(config: ConfigObject): ConfigFields {
  const flat: ConfigObject = {
    ...nested(config, "ffn_config"),
    ...nested(config, "attn_config"),
    ...config,
  };
  const used: UsedField[] = [];
  const problems: Problem[] = [];
  const take = <T>(key: string, accept: (value: unknown) => value is T): T | undefined => {
    const value = Object.hasOwn(flat, key) ? flat[key] : undefined;
    if (!accept(value)) return undefined;
    used.push({ key, value });
    return value;
  };
  const count = (keys: readonly string[], atMost = LARGEST_COUNT): number | undefined => {
    for (const key of keys) {
      const value = Object.hasOwn(flat, key) ? flat[key] : undefined;
      if (value === undefined || value === null || value === 0) continue;
      if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= atMost) {
        used.push({ key, value });
        return value;
      }
      problems.push({
        path: key,
        found: JSON.stringify(value),
        expected: `a whole number from 1 to ${atMost}`,
        remedy: "Check that this is the config.json of a language model.",
      });
      return 1;
    }
    return undefined;
  };
  return {
    used,
    problems,
    count,
    required(keys, what, atMost) {
      const value = count(keys, atMost);
      if (value !== undefined) return value;
      problems.push({
        path: keys[0]!,
        found: "nothing",
        expected: `${what} under ${keys.join(" or ")}`,
        remedy: "Add the key, or describe the model inline in the cluster file.",
      });
      return 1;
    },
    flag: (key) => take(key, (value): value is boolean => typeof value === "boolean"),
    text: (key) => take(key, (value): value is string => typeof value === "string"),
    list: (key) => take(key, (value): value is readonly unknown[] => Array.isArray(value)),
    object: (key) => take(key, isObject),
  };
}

function nested(config: ConfigObject, key: string): ConfigObject {
  const value = config[key];
  return isObject(value) ? value : {};
}
