import type { Crew, SearchPorts } from "./search.js";

/** The crew, or one of nobody when the time is over before the first thread has started. */
export async function startInTime(
  starting: Promise<Crew>,
  seconds: number,
  ports: Pick<SearchPorts, "schedule">,
): Promise<Crew> {
  if (!Number.isFinite(seconds)) return starting;
  let cancel = (): void => undefined;
  const late = new Promise<undefined>((resolve) => {
    cancel = ports.schedule(Math.max(0, seconds), () => resolve(undefined));
  });
  const crew = await Promise.race([starting, late]);
  cancel();
  if (crew !== undefined) return crew;
  const dismiss = (): Promise<void> => starting.then((one) => one.dismiss());
  dismiss().catch(() => undefined);
  return { size: 0, run: () => Promise.resolve(false), dismiss: () => Promise.resolve() };
}
