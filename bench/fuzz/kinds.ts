import { choices } from "./choices.js";
import { drawInstance } from "./draw-instance.js";
import { judgePlan, type Verdict } from "./judge-plan.js";
import { judgePurchase } from "./judge-purchase.js";
import { judgeTraining } from "./judge-training.js";
import { drawQuestion } from "./market-question.js";
import { drawTraining } from "./training-question.js";

/** A kind of question, and who knows the answer. */
interface Kind {
  /** The question: a function of seed and number alone. */
  readonly draw: (seed: number, number: number) => object;
  readonly judge: (seed: number, number: number) => Promise<Verdict>;
}

function kindOf<Question extends object>(
  draw: (seed: number, number: number) => Question,
  judge: (question: Question) => Verdict | Promise<Verdict>,
): Kind {
  return { draw, judge: async (seed, number) => judge(draw(seed, number)) };
}

/** What `--kind` takes. */
export const KINDS: Readonly<Record<string, Kind>> = {
  flow: kindOf((seed, number) => drawInstance(seed, number, choices()), judgePlan),
  "what-if": kindOf(drawQuestion, judgePurchase),
  train: kindOf(drawTraining, judgeTraining),
};
