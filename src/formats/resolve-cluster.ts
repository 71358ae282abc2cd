import type { z } from "zod";
import type { Cluster } from "../core/cluster.js";
import {
  DEFAULT_ENGINE_FROM,
  isByDefault,
  preferEngine,
  type AskedEngine,
  type EngineChoice,
} from "../core/engine-choice.js";
import { BugError, InputError } from "../core/errors.js";
import type { Assumption, Model } from "../core/model.js";
import { findEngine } from "../engines/engines.js";
import { chooseEngine } from "../engines/choose-engine.js";
import { refuseFamily } from "../engines/refuse-family.js";
import { idleByDefault, roomTogether } from "../engines/run-together.js";
import { ratesUnder } from "../engines/rates-under.js";
import type { ThroughputRule } from "../hardware/typical-throughput.js";
import { assumeCardUse } from "./assume-card-use.js";
import { attachCapacities } from "./attach-capacities.js";
import { checkCardMemory } from "./check-card-memory.js";
import { withTensorParallel, type AskedOfCluster } from "./asked-of-cluster.js";
import { clusterFileSchema } from "./cluster-schema.js";
import { describeIssues, formatPath } from "./describe-issues.js";
import { createProblemList, type ProblemList } from "./problem-list.js";
import { engineOfCluster } from "./read-engine.js";
import { readOptionalQuantity } from "./read-quantity.js";
import { resolveCards, type RowSpec } from "./resolve-cards.js";
import { attachParts, shareOut } from "./share-out.js";
import { resolveGpus, resolveMemoryRule } from "./resolve-gpus.js";
import { ANY_MODEL, ANY_WORKLOAD, reportCards } from "./report-cards.js";
import { resolveMachine } from "./resolve-machines.js";
import { resolveModel, resolveWorkload } from "./resolve-model.js";
import { resolveNetwork } from "./resolve-network.js";
import { resolveNodes, UNNAMED_REGION } from "./resolve-nodes.js";
import { salvage } from "./salvage.js";
import type { SalvagedFile } from "./salvaged-file.js";

/**
 * Parsed JSON → cluster. Structure and meaning are checked in one go: entries that are broken in
 * themselves are reported and left out, and the rest is still checked against each other.
 * @param source name of the input, for messages.
 * @param json the parsed file.
 * @param referencedModel the model behind `"model": {"config": …}`, already read.
 * @param wanted what stands in place of what the file says: the engine, how cards work together.
 * @throws InputError with every problem found.
 */
export function resolveCluster(
  source: string,
  json: unknown,
  referencedModel?: Model,
  wanted?: AskedOfCluster,
): Cluster {
  const { tensorParallel, parted, ...asked } = wanted ?? {};
  const list = createProblemList();
  const parsed = clusterFileSchema.safeParse(json);
  if (!parsed.success) {
    for (const problem of describeIssues(parsed.error.issues, clusterFileSchema, json)) {
      list.addDescribed(problem);
    }
  }
  const file = parsed.success
    ? withTensorParallel(parsed.data, tensorParallel)
    : salvage(json, brokenPaths(parsed.error.issues));
  const cluster = assemble(file, referencedModel, { asked, parted }, list);
  if (list.problems.length > 0) throw new InputError(source, list.problems);
  if (cluster === undefined) throw new BugError("an unusable cluster file without a problem");
  if (!isByDefault(cluster.engine)) return { ...sayFamily(cluster), source };
  const forHome = assemble(
    file,
    referencedModel,
    { asked: { ...asked, ...FOR_HOME }, parted },
    createProblemList(),
  );
  return { ...orForHome(cluster, forHome), source };
}

/** An engine that somebody asked for is planned for, though it has no code for the model: export refuses it then. */
function sayFamily(cluster: Cluster): Cluster {
  const { engine, model, assumptions = [] } = cluster;
  const why = engine && refuseFamily(findEngine(engine.name), model);
  if (why === undefined) return cluster;
  const said = { what: `that ${engine!.name} runs ${model.name}`, where: "model", effect: why };
  return { ...cluster, assumptions: [...assumptions, said] };
}

/** What runs any mix of cards: Apple's, old ones, and machines with unlike numbers of them. */
const FOR_HOME: AskedEngine = {
  name: "llama.cpp",
  from: "as vLLM, the default, cannot run these machines together",
};

/** The cluster under the default engine where that runs its machines, else the other where more of the model fits there. */
function orForHome(cluster: Cluster, other: Cluster | undefined): Cluster {
  const engine = findEngine(cluster.engine!.name);
  const room = roomTogether(cluster, engine);
  if (room < cluster.model.layers && other !== undefined) {
    if (roomTogether(other, findEngine(other.engine!.name)) > room) return other;
  }
  const idle = idleByDefault(cluster, engine, cluster.engine);
  if (idle.length === 0) return cluster;
  const types = new Set(idle.map((node) => cluster.machines[cluster.nodes[node]!.machine]!.name));
  const assumption: Assumption = {
    what: `cards that ${engine.title} does not run on`,
    where: [...types].map((name) => formatPath(["machines", name])).join(", "),
    effect: `${engine.title} is the default, and these machines stay idle; --engine llama.cpp runs on them`,
  };
  return { ...cluster, assumptions: [...(cluster.assumptions ?? []), assumption] };
}

function ruleOf({ throughputRule }: SalvagedFile): ThroughputRule {
  return throughputRule === "helix-paper" ? "helix-paper" : "helix";
}

/** Paths that cannot be relied on; an unknown key spoils nothing but itself. */
function brokenPaths(issues: readonly z.core.$ZodIssue[]): readonly (readonly PropertyKey[])[] {
  return issues.filter(({ code }) => code !== "unrecognized_keys").map(({ path }) => path);
}

function assemble(
  file: SalvagedFile,
  referencedModel: Model | undefined,
  {
    asked,
    parted,
  }: { readonly asked: AskedEngine | undefined; readonly parted: boolean | undefined },
  list: ReturnType<typeof createProblemList>,
): Cluster | undefined {
  const engine = preferEngine(engineOfCluster(file.engine), asked);
  const model =
    file.model === undefined ? undefined : resolveModel(file.model, referencedModel, list);
  const workload = resolveWorkload(file.workload, list);
  const machineEntries = Object.entries(file.machines ?? {});
  const specs = machineEntries.map(([name, entry]) =>
    entry === undefined ? undefined : resolveMachine(name, entry, list),
  );
  const gpus = resolveGpus(file.gpus);
  const memoryRule = resolveMemoryRule(file.memoryRule);
  const coordinatorRegion = file.coordinator?.region ?? UNNAMED_REGION;
  const names = machineEntries.map(([name]) => name);
  const nodeEntries = file.nodes ?? [];
  const placed = resolveNodes(nodeEntries, file.machines && names, coordinatorRegion, list);
  const regions = new Map(placed.regions.map((name, index) => [name, index]));
  const complete = nodeEntries.length > 0 && nodeEntries.every((entry) => entry !== undefined);
  const network =
    file.network && resolveNetwork(file.network, { regions, nodes: placed.ids, complete }, list);
  const nic = readOptionalQuantity("bytesPerSecond", file.coordinator?.nic);
  const context = {
    model: model ?? ANY_MODEL,
    workload: workload ?? ANY_WORKLOAD,
    gpus,
    rule: ruleOf(file),
    memoryRule,
    ...(engine === undefined ? {} : { engine }),
  };
  const own = Object.keys(file.gpus ?? {});
  const counts = names.map(() => 0);
  for (const { machine } of placed.nodes) if (machine >= 0) counts[machine]! += 1;
  const whole = specs.filter((spec) => spec !== undefined);
  const broken = model === undefined || workload === undefined || network === undefined;
  if (broken || whole.length < specs.length) {
    reportCards(file, specs, { ...context, counts }, list);
    return undefined;
  }
  const assumptions: Assumption[] = [];
  const rules = {
    forAll: file.tensorParallel,
    model,
    // Cards that nobody named an engine for are vLLM's by default.
    engine: findEngine(engine?.name ?? "vllm"),
  };
  const given = whole.some(
    ({ profile }, type) => counts[type]! > 0 && profile?.tokensPerSecond !== undefined,
  );
  const prototype = engine === undefined ? given : engine.name === "helix";
  const rows = whole.map((spec, type) => {
    // Nothing rests on machines that are only listed.
    const assume = (one: Assumption) => void (counts[type]! > 0 && assumptions.push(one));
    const entry = machineEntries[type]![1]!;
    checkCardMemory(spec.name, entry, gpus, list, assume);
    if (!prototype) assumeCardUse(spec.name, entry, gpus, rules, assume);
    return resolveCards(
      spec,
      entry,
      { ...rules, parted: parted === true, prototype, assume },
      list,
    );
  });
  const sharedOut = rows.some((each) => each !== undefined);
  const machines = sharedOut
    ? attachParts(whole, rows, counts, (machineSpecs, numbers, paths) =>
        attachCapacities(
          machineSpecs,
          { ...context, counts: numbers, paths },
          own,
          oncePerPath(list),
        ),
      )
    : attachCapacities(whole, { ...context, counts }, own, list);
  const described: Cluster = {
    name: file.name ?? "",
    model,
    workload,
    machines,
    nodes: placed.nodes,
    regions: placed.regions,
    network,
    coordinator: {
      region: regions.get(coordinatorRegion)!,
      nicBytesPerSecond: nic ?? Infinity,
    },
    ...(file.throughputRule && { throughputRule: file.throughputRule }),
    ...(assumptions.length === 0 ? {} : { assumptions }),
  };
  const chosen = engine ?? defaultEngine(described, rows, asked);
  const named = chosen === undefined ? described : { ...described, engine: chosen };
  const rated = ratesUnder(named, chooseEngine(named, {}).engine);
  return sharedOut ? shareOut(rated, whole, rows, gpus) : rated;
}

/**
 * vLLM where machines are described by their cards; undefined (the prototype of the Helix paper) where T(k) or
 * measured curves are given: those are questions of the paper.
 */
function defaultEngine(
  { machines, nodes }: Cluster,
  rows: readonly (readonly RowSpec[] | undefined)[],
  asked: AskedEngine | undefined,
): EngineChoice | undefined {
  // A node of an unknown machine type has been reported where it stands; one of unlike cards has nothing as a whole.
  const sources = nodes.map(({ machine }) =>
    rows[machine] === undefined ? machines[machine]?.capacity.source : "estimated",
  );
  if (sources.includes("given") || !sources.includes("estimated")) return undefined;
  return { ...asked, name: "vllm", from: DEFAULT_ENGINE_FROM };
}

/** The same list without what it already says of a path: cards are looked at once for every degree. */
function oncePerPath(list: ProblemList): ProblemList {
  return {
    ...list,
    addDescribed: (problem) => {
      if (!list.problems.some(({ path }) => path === problem.path)) list.addDescribed(problem);
    },
  };
}
