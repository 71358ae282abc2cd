import { InputError } from "../core/errors.js";
import type { PriceList } from "../formats/price-list-schema.js";
import { buyMachines } from "../market/buy-machines.js";
import { openMarket } from "../market/market.js";
import type { Goal } from "../market/purchase.js";
import { withListedPrices } from "../market/today.js";
import { explainPurchase, titlePurchase } from "../report/what-if-purchase.js";
import type { GoodputPorts } from "../serving/served/goodput-options.js";
import type { Answer } from "./answer.js";
import type { Question } from "./question.js";

/** What somebody wants to buy machines for. */
export interface Wish {
  readonly question: Question;
  readonly prices: PriceList;
  readonly goal: Goal;
  /** Beside the machines that are there, instead of in their place. */
  readonly keep: boolean;
}

/** A purchase plans many mixes: it gets so many times the seconds of one plan. */
export const TIMES = 1.5;

/** Looks for what to buy and tells it. Never rejects. */
export async function answerPurchase(
  { question, prices, goal, keep }: Wish,
  ports: GoodputPorts,
  tell: (answer: Answer) => void,
): Promise<void> {
  const { model, effort } = question;
  try {
    const market = openMarket(withListedPrices(question.file, prices), prices, keep, model);
    const purchase = await buyMachines(
      market,
      {
        goal,
        planning: {
          gap: 0.01,
          seed: effort.seed,
          partialInference: true,
          solver: "highs",
          // Steps count per plan, and a purchase tries many: it keeps to the clock.
          timeLimitSeconds: TIMES * effort.seconds,
        },
        threads: 0,
        ...(model === undefined ? {} : { referencedModel: model }),
      },
      ports,
    );
    const { file } = purchase;
    const { mix = [] } = purchase;
    const advice = {
      title: titlePurchase(purchase),
      mix,
      sentences: explainPurchase(purchase),
    };
    tell({ kind: "purchase", advice: { ...advice, ...(file === undefined ? {} : { file }) } });
  } catch (error) {
    if (error instanceof InputError) {
      tell({ kind: "problems", source: error.source, problems: error.problems });
    } else {
      tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  }
}
