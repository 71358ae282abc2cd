import type { Assumption } from "../core/model.js";
import { isObject } from "./config-fields.js";
import type { ConfigObject } from "./config-fields.js";
import type { ModelShape } from "./layer-shape.js";
import { countVision } from "./vision-parts.js";

/** Parts beside language and vision that have weights. */
const OTHER_PARTS = /^(audio|speech|talker|code2wav|sound|dac|generation_head|image_gen).*config$/;

/** Where the language part of a file was found. */
export interface LanguagePart {
  readonly inner: ConfigObject;
  /** The object around it; absent where the file is the language part alone. */
  readonly holder?: ConfigObject;
  /** Its key there; absent where the same object describes both. */
  readonly part?: string;
}

/**
 * The language part with the vision part that the file describes beside it. What is counted, what is not
 * and what was taken for it is appended to `assumptions`.
 */
export function withVision(
  shape: ModelShape,
  { holder, part }: LanguagePart,
  assumptions: Assumption[],
): ModelShape {
  if (holder === undefined) return shape;
  const vision = countVision(holder, shape.hiddenSize);
  const others = Object.keys(holder).filter(
    (key) => OTHER_PARTS.test(key) && isObject(holder[key]),
  );
  if (vision === undefined || others.length > 0) {
    assumptions.push({
      what: `only the language part${part === undefined ? "" : ` (${part})`} of the model is counted`,
      where: others[0] ?? part ?? "vision_config",
      effect:
        vision === undefined
          ? "memory and time of its other parts are left out"
          : `beside it the vision part; memory and time of ${others.join(", ")} are left out`,
    });
  }
  if (vision === undefined) return shape;
  const { parameters, defaulted } = vision;
  assumptions.push({
    what: "images are not in the workload",
    where: "vision_config",
    effect: `the vision part's ${(parameters / 1e6).toFixed(0)} million parameters are held with the first layer, in 16 bits; its time is left out`,
  });
  if (defaulted.length > 0) {
    const taken = defaulted.map(
      ({ key, value }) => `${key.split(".")[1]} ${JSON.stringify(value)}`,
    );
    assumptions.push({
      what: "sizes of the vision part are not in the file",
      where: defaulted[0]!.key,
      effect: `${taken.join(", ")}, as the family's own code takes it`,
    });
  }
  return { ...shape, visionParameters: parameters };
}
