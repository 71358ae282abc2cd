import type { Examples } from "./examples.js";
import { askAbout, type Question } from "./question.js";
import { readLink, type Shared } from "./share.js";

/** What the page shows first, and what is to be said of it. */
export interface Opening {
  readonly shared: Shared;
  readonly notice?: string;
}

/** A link's content, else what `helix-place ui` was given, else an example. */
export async function openQuestion(
  { clusters }: Examples,
  { hash, search, href }: Pick<Location, "hash" | "search" | "href">,
): Promise<Opening> {
  const link = readLink(hash);
  if (link.kind === "opened") return { shared: link.shared };
  const example = askAbout(clusters[0]!);
  if (link.kind === "damaged") {
    const notice = `This link cannot be opened: ${link.reason}. Ask for it again; here is an example.`;
    return { shared: { question: example }, notice };
  }
  if (!new URLSearchParams(search).has("opened")) return { shared: { question: example } };
  const response = await fetch(new URL("opened.json", href));
  if (!response.ok) throw new Error(`the cluster file is not there any more (${response.status}).`);
  const { file, model } = (await response.json()) as Pick<Question, "file" | "model">;
  return { shared: { question: askAbout(file, model) } };
}
