import { createBrowserPorts } from "../web/browser-ports.js";
import type { Answer } from "./answer.js";
import { answerQuestion } from "./answer-question.js";
import type { Question } from "./question.js";

/** What the page hands to a worker: one question, and where the solver is. */
export interface Order {
  readonly question: Question;
  readonly solverWasm: string;
}

/** A worker's side: answers the one order it gets. The page ends it when nobody waits any more. */
export function serveOrders(): void {
  self.addEventListener("message", ({ data }: MessageEvent<Order>) => {
    const { question, solverWasm } = data;
    const tell = (answer: Answer): void => self.postMessage(answer);
    void answerQuestion(question, createBrowserPorts({ solverWasm }), tell);
  });
}
