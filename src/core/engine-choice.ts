export const ENGINE_NAMES = [
  "helix",
  "vllm",
  "sglang",
  "tensorrt-llm",
  "llama.cpp",
  "petals",
  "parallax",
  "exo",
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What of an engine's batches can be set. Absent = the engine's own default. */
export interface EngineSettings {
  /** Tokens of one step. */
  readonly batchTokens?: number;
  /** Most requests in one batch. */
  readonly maxSequences?: number;
}

/** The engine that is to run a placement, and who said so. */
export interface EngineChoice extends EngineSettings {
  readonly name: EngineName;
  readonly version?: string;
  /** Seconds beside what the timing curves hold, per batch and stage, and per layer of a batch. */
  readonly overhead?: { readonly stepSeconds?: number; readonly layerSeconds?: number };
  /** Who chose it, in words that follow "engine vllm, ". */
  readonly from: string;
}

/** What somebody asks of the engine; without a name it is for whichever is chosen. */
export type AskedEngine = Partial<EngineChoice>;

/**
 * A choice with what was asked for in its place; what is known of an engine stays where the same one
 * is asked for, and the words on who chose it say so where settings are others. Undefined where nobody named any.
 */
export function preferEngine(
  known: EngineChoice | undefined,
  asked: AskedEngine | undefined,
): EngineChoice | undefined {
  if (asked === undefined) return known;
  const name = asked.name ?? known?.name;
  if (name === undefined) return undefined;
  if (known?.name !== name) return { from: "asked for", ...asked, name };
  const { from } = known;
  return { ...known, from: changes(known, asked) ? `${from}, set as asked` : from, ...asked, name };
}

function changes(known: EngineSettings, { batchTokens, maxSequences }: EngineSettings): boolean {
  return (
    (batchTokens ?? known.batchTokens) !== known.batchTokens ||
    (maxSequences ?? known.maxSequences) !== known.maxSequences
  );
}

/** What is set of an engine, in words; empty where nothing is. */
export function describeSettings({
  version,
  batchTokens,
  maxSequences,
  overhead,
}: Omit<EngineChoice, "name" | "from">): string {
  const { stepSeconds, layerSeconds } = overhead ?? {};
  return [
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(batchTokens === undefined ? [] : [`${batchTokens} tokens a batch`]),
    ...(maxSequences === undefined ? [] : [`${maxSequences} requests a batch`]),
    ...(stepSeconds === undefined ? [] : [`${stepSeconds} s more a batch`]),
    ...(layerSeconds === undefined ? [] : [`${layerSeconds} s more a layer`]),
  ].join(", ");
}

/** "engine vllm, from the cluster file", with what is set of it. */
export function describeEngineChoice({ name, from, ...settings }: EngineChoice): string {
  const set = describeSettings(settings);
  return `engine ${name}${set === "" ? "" : ` (${set})`}, ${from}`;
}

/** Why vLLM is chosen where nobody chose. */
export const DEFAULT_ENGINE_FROM = "the default where machines are described by their cards";

/** Whether nobody chose the engine, whatever was set of it. */
export function isByDefault(choice: Pick<EngineChoice, "from"> | undefined): boolean {
  return choice?.from.startsWith(DEFAULT_ENGINE_FROM) === true;
}
