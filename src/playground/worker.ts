import { createBrowserPorts } from "../web/browser-ports.js";
import type { Answer } from "./answer.js";
import { answerQuestion } from "./answer-question.js";
import { answerPurchase, type Wish } from "./answer-purchase.js";
import type { Question } from "./question.js";

/** What the page wants to know. */
export type Order =
  | { readonly kind: "plan"; readonly question: Question }
  | { readonly kind: "buy"; readonly wish: Wish };

/** An order, and where the solver is. */
export interface Message {
  readonly order: Order;
  readonly solverWasm: string;
}

/** A worker's side: answers the one order it gets. The page ends it when nobody waits any more. */
export function serveOrders(): void {
  self.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    const { order, solverWasm } = data;
    const ports = createBrowserPorts({ solverWasm });
    const tell = (answer: Answer): void => self.postMessage(answer);
    if (order.kind === "plan") void answerQuestion(order.question, ports, tell);
    else void answerPurchase(order.wish, ports, tell);
  });
}
