import type { Random } from "../../core/random.js";
import { HELIX } from "../../engines/helix/helix.js";
import type { Router } from "../routing/router.js";
import { createArrivals } from "./arrivals.js";
import type { SimulationInput } from "./simulation-input.js";

/** Decides when requests arrive, and how long they are. */
export interface Feeder {
  /** Times of the first launches. */
  first(): readonly number[];
  /** Lengths of the request launched now. */
  draw(): { readonly promptTokens: number; readonly outputTokens: number };
  /** Time of the launch after the one under way, where launches follow each other. */
  next(): number | undefined;
  /** True when a launch that is refused is taken back: the next one is of the same request. */
  readonly takesBack: boolean;
  /** The request drawn last has found no room yet: it is the next to be launched. */
  keep(): void;
  /** A prompt, or a whole request (`over`), has finished. */
  progressed(over: boolean, router: Router, now: number, launch: (time: number) => void): void;
  /** The last launch came to nothing, and nobody's progress brings another. */
  replace(now: number, launch: (time: number) => void): void;
}

const { launchDelaySeconds: LAUNCH_DELAY } = HELIX.offline;
/** An offline run of which this many launches in a row come to nothing has nothing it could serve. */
const STARVED_LAUNCHES = 1000;

/** @param kvLimited whether any node has a known KV capacity; without one nothing says "full". */
export function createFeeder(
  input: SimulationInput,
  lengthsRandom: Random,
  arrivalsRandom: Random,
  kvLimited: boolean,
): Feeder {
  const { traffic, lengths } = input;
  const drawLengths: Feeder["draw"] = () => {
    lengths.draw(lengthsRandom);
    return { promptTokens: lengths.promptTokens, outputTokens: lengths.outputTokens };
  };
  const idle = {
    progressed: () => undefined,
    replace: () => undefined,
    keep: () => undefined,
    takesBack: false,
  };
  switch (traffic.kind) {
    case "trace": {
      let at = -1;
      const { arrivals } = traffic;
      return {
        ...idle,
        first: () => arrivals.slice(0, 1).map((arrival) => arrival.atSeconds),
        draw() {
          at += 1;
          return arrivals[at]!;
        },
        next: () => arrivals[at + 1]?.atSeconds,
      };
    }
    case "online": {
      const perRequest = lengths.meanPromptTokens + lengths.meanOutputTokens;
      const rate = traffic.tokensPerSecond / perRequest;
      const draw = createArrivals(
        rate,
        arrivalsRandom,
        input.warmupSeconds + input.durationSeconds,
      );
      const next = (): number | undefined => {
        const time = draw();
        return time === Infinity ? undefined : time;
      };
      const first = (): readonly number[] => [next()].filter((time) => time !== undefined);
      return { ...idle, first, draw: drawLengths, next };
    }
    case "offline": {
      const knowsKv = input.scheduler === "helix" && kvLimited;
      const count = knowsKv ? traffic.initial : traffic.concurrency;
      let starved = 0;
      let turn: ReturnType<Feeder["draw"]> | undefined;
      let waits = false;
      return {
        first: () => Array.from({ length: count }, (_, launch) => launch * LAUNCH_DELAY),
        draw() {
          if (!waits) turn = drawLengths();
          waits = false;
          return turn!;
        },
        keep: () => void (waits = true),
        next: () => undefined,
        takesBack: knowsKv,
        progressed(over, router, now, launch) {
          starved = 0;
          const more = knowsKv ? router.bottleneckUse() <= traffic.feedMark : over;
          if (more) launch(now + LAUNCH_DELAY);
        },
        replace(now, launch) {
          starved += 1;
          // What finds no room in an empty cluster never does.
          waits = false;
          if (starved < STARVED_LAUNCHES) launch(now + LAUNCH_DELAY);
        },
      };
    }
  }
}
