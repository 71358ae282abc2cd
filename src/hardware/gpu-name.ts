/** What a product name says of a card; two names with the same parts mean the same card. */
export interface GpuNameParts {
  /** What is left without maker, memory and form, folded: `rtx4070tisuper`, `a100`. */
  readonly family: string;
  readonly gigabytes?: number;
  /** Socket or slot, where cards of one family come in several. */
  readonly form?: "sxm" | "pcie" | "nvl";
}

/** Words in product names that say nothing about the card. */
const NOISE =
  /^(?:nvidia|corporation|tesla|geforce|amd|ati|instinct|radeon|apple|intel|r|tm|generation|edition|graphics|gpu|nvgpu|oam|hbm\d?e?|mega|ac|blackwell|lovelace|developer|kit)$/;

const FORMS: Readonly<Record<string, GpuNameParts["form"]>> = {
  sxm: "sxm",
  nvlink: "sxm",
  hgx: "sxm",
  dgx: "sxm",
  pcie: "pcie",
  nvl: "nvl",
};

/** Families under other names. */
const FAMILY_ALIASES: Readonly<Record<string, string>> = {
  a5000: "rtxa5000",
  a6000: "rtxa6000",
  rtx8000: "quadrortx8000",
  rtxpro6000maxqworkstation: "rtxpro6000maxq",
  titanrtx: "titanrtx",
  "8060s": "strixhalo",
  ryzenaimax395: "strixhalo",
  ryzenaimax: "strixhalo",
  thor: "jetsonagxthor",
  spark: "gb10",
  w7900: "prow7900",
  w7800: "prow7800",
};

/** Names whose numbers do not mean the memory of the card. */
const WHOLE_NAMES: Readonly<Record<string, GpuNameParts>> = {
  // The number is the memory of its processor.
  gh200480gb: { family: "gh200", gigabytes: 96 },
  gh200144ghbm3e: { family: "gh200", gigabytes: 144 },
  h203e: { family: "h20", gigabytes: 141 },
};

/** The parts of a product name of a driver, a cloud, a label or the catalogue. O(length). */
export function parseGpuName(name: string): GpuNameParts {
  const lower = name.toLowerCase().slice(0, MOST_CHARACTERS);
  const whole = lower.replace(/nvidia|[^a-z0-9]/g, "");
  if (Object.hasOwn(WHOLE_NAMES, whole)) return WHOLE_NAMES[whole]!;
  const gigabytes = /(?<![a-z0-9])(\d{1,4})[ _-]?gb(?![a-z0-9])/.exec(lower);
  const rest = gigabytes === null ? lower : lower.replace(gigabytes[0], " ");
  let form: GpuNameParts["form"];
  const words = rest.split(/[^a-z0-9]+/).filter((word) => {
    const found = FORMS[word.replace(/^sxm\d$/, "sxm")];
    form ??= found;
    return found === undefined && !NOISE.test(word);
  });
  const family = words.join("");
  return {
    family: Object.hasOwn(FAMILY_ALIASES, family) ? FAMILY_ALIASES[family]! : family,
    ...(gigabytes === null ? {} : { gigabytes: Number(gigabytes[1]) }),
    ...(form === undefined ? {} : { form }),
  };
}

/** Longer product names do not exist. */
const MOST_CHARACTERS = 200;
