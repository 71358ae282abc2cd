import type { Problem } from "../core/errors.js";

/** The object behind a config.json, with a note of every key that was used. */
export interface ConfigFields {
  readonly used: readonly UsedField[];
  readonly problems: Problem[];
  /** Keys that the file lacks and a family's default stood in for. */
  readonly defaulted: readonly UsedField[];
  /** The first of the keys with a positive whole number; a key that is present but wrong is a problem. */
  count(keys: readonly string[], atMost?: number): number | undefined;
  /** The same, and a problem when none of the keys is there; 1 is returned then. */
  required(keys: readonly string[], what: string, atMost?: number): number;
  /** The same, one for each layer: a number means all of them, a list has one entry per layer. */
  perLayer(keys: readonly string[], layers: number): readonly (number | undefined)[];
  flag(key: string): boolean | undefined;
  text(key: string): string | undefined;
  list(key: string): readonly unknown[] | undefined;
  object(key: string): ConfigObject | undefined;
  /** What stands there, whatever it is. */
  value(key: string): unknown;
  /** Refuses the key: what stands there is not understood. */
  refuse(key: string, expected: string): void;
  /** Keys that nobody has asked for. */
  unread(): readonly UsedField[];
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

/**
 * Reads fields of `config`; keys of the nested attention and feed-forward objects count as its own.
 * `defaults` are what a family's code takes where the file has no such key.
 */
export function createConfigFields(
  config: ConfigObject,
  defaults: Readonly<Record<string, number>> = {},
): ConfigFields {
  const flat: ConfigObject = {
    ...nested(config, "ffn_config"),
    ...nested(config, "attn_config"),
    ...config,
  };
  const used: UsedField[] = [];
  const defaulted: UsedField[] = [];
  const problems: Problem[] = [];
  const asked = new Set<string>(["ffn_config", "attn_config"]);
  const look = (key: string): unknown => {
    asked.add(key);
    return Object.hasOwn(flat, key) ? flat[key] : undefined;
  };
  const take = <T>(key: string, accept: (value: unknown) => value is T): T | undefined => {
    const value = look(key);
    if (!accept(value)) return undefined;
    used.push({ key, value });
    return value;
  };
  const whole = (key: string, value: unknown, atMost: number): number => {
    if (isCount(value) && value <= atMost) return value;
    problems.push({
      path: key,
      found: JSON.stringify(value),
      expected: `a whole number from 1 to ${atMost}`,
      remedy: "Check that this is the config.json of a language model.",
    });
    return 1;
  };
  const first = (keys: readonly string[]): UsedField | undefined => {
    for (const key of keys) asked.add(key);
    for (const key of keys) {
      const value = look(key);
      if (value === undefined || value === null || value === 0) continue;
      used.push({ key, value });
      return { key, value };
    }
    const missing = keys.find((key) => Object.hasOwn(defaults, key));
    if (missing === undefined) return undefined;
    const stand = { key: missing, value: defaults[missing]! };
    if (!defaulted.some(({ key }) => key === missing)) defaulted.push(stand);
    return stand;
  };
  const count = (keys: readonly string[], atMost = LARGEST_COUNT): number | undefined => {
    const found = first(keys);
    if (found === undefined) return undefined;
    const { key, value } = found;
    const equal = Array.isArray(value) && value.length > 0 && new Set(value).size === 1;
    return whole(key, equal ? (value as unknown[])[0] : value, atMost);
  };
  return {
    used,
    problems,
    defaulted,
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
    perLayer(keys, layers) {
      const found = first(keys);
      const spread = (value: number | undefined): (number | undefined)[] =>
        Array.from({ length: layers }, () => value);
      if (found === undefined) return spread(undefined);
      const { key, value } = found;
      if (!Array.isArray(value)) return spread(whole(key, value, LARGEST_COUNT));
      if (value.length !== layers) {
        problems.push({
          path: key,
          found: `${value.length} entries`,
          expected: `a number, or one entry for each of the ${layers} layers`,
          remedy: "Check that this is the config.json of a language model.",
        });
        return spread(1);
      }
      return value.map((each: unknown) => (each === 0 ? 0 : whole(key, each, LARGEST_COUNT)));
    },
    flag: (key) => take(key, (value): value is boolean => typeof value === "boolean"),
    text: (key) => take(key, (value): value is string => typeof value === "string"),
    list: (key) => take(key, (value): value is readonly unknown[] => Array.isArray(value)),
    object: (key) => take(key, isObject),
    value: look,
    refuse(key, expected) {
      problems.push({
        path: key,
        found: JSON.stringify(look(key)) ?? "nothing",
        expected,
        remedy: REFUSED_REMEDY,
      });
    },
    unread: () =>
      Object.entries(flat).flatMap(([key, value]) => (asked.has(key) ? [] : [{ key, value }])),
  };
}

export const REFUSED_REMEDY =
  "This kind of model is not understood: give its layers as a list in the cluster file (docs/models.md).";

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

function nested(config: ConfigObject, key: string): ConfigObject {
  const value = config[key];
  return isObject(value) ? value : {};
}
