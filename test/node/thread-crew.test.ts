import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test } from "vitest";
import { HelixPlaceError, InputError, SolverError } from "../../src/core/errors.js";
import { createThreadCrew, type ThreadCrew } from "../../src/node/thread-crew.js";

type Order = "who" | "count" | "throw" | "refuse" | "solve" | "die" | "break" | "hang";
type Crew = ThreadCrew<Order, number, unknown>;

const module = (path: string): string => JSON.stringify(pathToFileURL(resolve("dist", path)).href);
/** Answers as asked: with its thread's number, three events, an error, or its death. */
const WORKER = `
import { threadId, workerData } from "node:worker_threads";
import { serveOrders } from ${module("node/serve-orders.js")};
import { InputError, SolverError } from ${module("core/errors.js")};
const problem = { path: "x", found: "a", expected: "b", remedy: "c" };
serveOrders((order, tell) => {
  if (order === "count") for (const event of [1, 2, 3]) tell?.(event);
  if (order === "throw") throw new Error("planted");
  if (order === "refuse") throw new InputError("file.json", [problem]);
  if (order === "solve") throw new SolverError("planted");
  if (order === "die") process.exit(7);
  if (order === "break") setTimeout(() => { throw new Error("later"); });
  if (order === "break" || order === "hang") return new Promise(() => undefined);
  return { thread: threadId, setup: workerData };
});`;

const crews: Crew[] = [];
afterEach(async () => {
  for (const crew of crews.splice(0)) await crew.dismiss();
});

function crewOf(stays: boolean, worker = WORKER): Crew {
  const script = new URL(`data:text/javascript,${encodeURIComponent(worker)}`);
  const crew = createThreadCrew<Order, number, unknown>({ script, setup: "given", stays });
  crews.push(crew);
  return crew;
}

const threadOf = async (crew: Crew): Promise<number> =>
  ((await crew.run("who")) as { thread: number }).thread;

test("a thread that stays answers one order after the other, with its setup", async () => {
  const crew = crewOf(true);
  await crew.start(1);
  const first = (await crew.run("who")) as { thread: number; setup: string };
  expect(first.setup).toBe("given");
  expect(await threadOf(crew)).toBe(first.thread);
});

test("without staying, every order gets a thread of its own", async () => {
  const crew = crewOf(false);
  expect(await threadOf(crew)).not.toBe(await threadOf(crew));
});

test("orders given at once run at once, each in a thread", async () => {
  const crew = crewOf(true);
  const threads = await Promise.all([threadOf(crew), threadOf(crew), threadOf(crew)]);
  expect(new Set(threads).size).toBe(3);
});

test("events come in order before the answer, and one that is unsound costs the thread its trust", async () => {
  const crew = crewOf(true);
  const before = await threadOf(crew);
  const heard: number[] = [];
  await crew.run("count", { onEvent: (event) => heard.push(event), isSound: () => true });
  expect(heard).toEqual([1, 2, 3]);
  expect(await threadOf(crew)).toBe(before);
  await crew.run("count", { onEvent: () => undefined, isSound: (event) => event !== 2 });
  expect(await threadOf(crew)).not.toBe(before);
});

test("wrong input comes back as such, and the thread stays", async () => {
  const crew = crewOf(true);
  const before = await threadOf(crew);
  const error = await crew.run("refuse").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).source).toBe("file.json");
  expect((error as InputError).problems).toHaveLength(1);
  expect(await threadOf(crew)).toBe(before);
});

test.each([
  ["throws", "throw", /planted/],
  ["ends itself", "die", /code 7/],
  ["breaks beside its order", "break", /later/],
] as const)("a thread that %s fails its order and is replaced", async (_, order, reason) => {
  const crew = crewOf(true);
  await crew.start(1);
  const before = await threadOf(crew);
  await expect(crew.run(order)).rejects.toThrow(reason);
  const after = await threadOf(crew);
  expect(after).not.toBe(before);
  expect(await threadOf(crew)).toBe(after);
});

test("a worker that cannot start fails its order instead of keeping it waiting", async () => {
  await expect(crewOf(true, "throw new Error('no start')").run("who")).rejects.toThrow("no start");
  await expect(crewOf(true, "throw new Error('no start')").start(2)).rejects.toThrow("no start");
});

test("a dismissed crew gives up its orders and takes no others", async () => {
  const crew = crewOf(true);
  await crew.start(2);
  const pending = crew.run("hang").catch((error: unknown) => error);
  await crew.dismiss();
  expect(await pending).toBeInstanceOf(Error);
  await expect(crew.run("who")).rejects.toBeInstanceOf(HelixPlaceError);
});

test("a solver that fails in a thread is that, and no bug: the program ends with its exit code", async () => {
  const crew = crewOf(true);
  const failed = await crew.run("solve").catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(SolverError);
  expect((failed as SolverError).message).toBe("planted");
});
