import { deflateSync, inflateSync, strFromU8, strToU8 } from "fflate";
import * as z from "zod";
import type { Model } from "../core/model.js";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { Question } from "./question.js";

/** What a link holds: what is asked, and what it is compared with. */
export interface Shared {
  readonly question: Question;
  /** Absent: the same. */
  readonly today?: Question;
}

export type OpenedLink =
  | { readonly kind: "opened"; readonly shared: Shared }
  | { readonly kind: "nothing" }
  | { readonly kind: "damaged"; readonly reason: string };

/** Says how the rest is written; a later way gets another letter. */
const VERSION = "a";
const LONGEST = 10_000_000;

const seconds = z.number().positive().optional();
const question = z.strictObject({
  // What is in a cluster or a model is judged where it is planned, with words for people.
  file: z.looseObject({
    name: z.string(),
    machines: z.looseObject({}),
    nodes: z.array(z.looseObject({})),
  }),
  model: z.looseObject({ name: z.string(), layers: z.int().positive() }).optional(),
  objective: z.enum(["flow", "served", "goodput"]).optional(),
  limits: z.strictObject({ timeToFirstToken: seconds, timePerOutputToken: seconds }),
  effort: z.strictObject({
    seconds: z.number().positive().max(3600),
    steps: z.int().positive().max(1_000_000).optional(),
    seed: z.int().nonnegative(),
  }),
});
const shared = z.strictObject({ question, today: question.optional() });

/** The fragment of a link, `#` included, that shows the same in another browser. */
export function writeLink(state: Shared): string {
  const bytes = deflateSync(strToU8(JSON.stringify(state)), { level: 9 });
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const text = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `#${VERSION}${text}`;
}

/** What a fragment stands for. Never throws: anybody can write anything behind a `#`. */
export function readLink(fragment: string): OpenedLink {
  if (fragment === "" || fragment === "#") return { kind: "nothing" };
  if (!fragment.startsWith(`#${VERSION}`)) {
    return damaged("it does not begin as links of this version do");
  }
  try {
    const binary = atob(fragment.slice(2).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    // What does not fit is lost, and what is left is no JSON: a small link cannot ask for all memory.
    const text = strFromU8(inflateSync(bytes, { out: new Uint8Array(LONGEST) }));
    const parsed = shared.safeParse(JSON.parse(text));
    if (!parsed.success) return damaged("what it holds is not what this page writes");
    return { kind: "opened", shared: parsed.data as unknown as SharedAsRead };
  } catch {
    return damaged("a part of it is missing or changed");
  }
}

/** Zod's way of writing optional keys and ours differ; the fields are the same. */
type SharedAsRead = Shared & {
  readonly question: { readonly file: ClusterFile; readonly model?: Model };
};

function damaged(reason: string): OpenedLink {
  return { kind: "damaged", reason };
}
