import type { Examples } from "./examples.js";
import { askAbout, type Question } from "./question.js";

/** What the page shows first: what `helix-place ui` was given, or an example. */
export async function openQuestion(
  { clusters }: Examples,
  { search, href }: Pick<Location, "search" | "href">,
): Promise<Question> {
  const opened = new URLSearchParams(search).has("opened");
  if (!opened) return askAbout(clusters[0]!);
  const response = await fetch(new URL("opened.json", href));
  if (!response.ok) throw new Error(`the cluster file is not there any more (${response.status}).`);
  const { file, model } = (await response.json()) as Pick<Question, "file" | "model">;
  return askAbout(file, model);
}
