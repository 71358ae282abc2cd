import { COORDINATOR_ID, machineOf, type Cluster } from "../core/cluster.js";
import { InputError, type Problem } from "../core/errors.js";
import { didYouMean } from "../core/nearest.js";
import { parseCsv } from "./parse-csv.js";

/** Where a node is reached. */
export interface Address {
  readonly host: string;
  /** The port of what the target runs there; the target's own default where none is given. */
  readonly port?: number;
  /** The cards that are the node, by their index on the host; all of them where none are given. */
  readonly devices?: readonly number[];
}

const HIGHEST_PORT = 65_535;
/** Host names (international ones too), IPv4 and IPv6 addresses; nothing a shell or a config reads. */
const HOST =
  /^[\p{L}\p{N}_]([\p{L}\p{N}._-]*[\p{L}\p{N}_])?$|^\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?$/u;

/** Whether a text can be the name or number of a host. */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

/**
 * Addresses from CSV text: columns `node`, `host` and optionally `port` and `devices` (as in `0 1` or
 * `2-3`), by header or in this order. `coordinator` is a node too, and so is a machine of several parts.
 * @throws InputError with every problem.
 */
export function readAddresses(
  source: string,
  text: string,
  cluster: Cluster,
): ReadonlyMap<string, Address> {
  const problems: Problem[] = [];
  const addresses = new Map<string, Address>();
  const machines = (cluster.hosts ?? []).map(({ id }) => id);
  const ids = [...cluster.nodes.map(({ id }) => id), ...machines, COORDINATOR_ID];
  const known = new Set(ids);
  const rows = parseCsv(text);
  const header = (rows[0] ?? []).map(({ text }) => text.toLowerCase());
  const named = header.includes("node") && header.includes("host");
  if (rows.length <= (named ? 1 : 0)) {
    problems.push({
      path: named ? "line 2" : "line 1",
      found: named ? "nothing after the header" : "nothing",
      expected: 'a row "node,host,port" for each node that is not reached under its id',
      remedy: "Write one, or leave --addresses out.",
    });
  }
  const columns = named ? header : ["node", "host", "port", "devices"];
  for (const cells of named ? rows.slice(1) : rows) {
    const cell = (name: string): string => cells[columns.indexOf(name)]?.text ?? "";
    const { line } = cells[0]!;
    const add = (found: string, expected: string, remedy: string): void => {
      problems.push({ path: `line ${line}`, found, expected, remedy });
    };
    const id = cell("node");
    const host = cell("host");
    const port = cell("port");
    if (!known.has(id)) {
      const remedy = didYouMean(id, ids);
      add(
        `the node ${JSON.stringify(id)}`,
        "a node of the cluster, or coordinator",
        remedy === "" ? "Correct the id." : remedy,
      );
      continue;
    }
    if (addresses.has(id))
      add(`the node ${JSON.stringify(id)} again`, "each node once", "Remove one.");
    if (!isHost(host))
      add(JSON.stringify(host), "a host name or an IP address", "Correct the host.");
    const number = Number(port);
    if (port !== "" && !(Number.isInteger(number) && number > 0 && number <= HIGHEST_PORT)) {
      add(JSON.stringify(port), `a port from 1 to ${HIGHEST_PORT}`, "Correct or remove the port.");
    }
    const devices = readDevices(cell("devices"));
    const gpus = cardsOf(cluster, id);
    if (devices === undefined || (devices.length > 0 && devices.length !== gpus)) {
      const expected =
        gpus === 1 ? "the index of one card" : `the indices of ${gpus} cards, as in 0-${gpus - 1}`;
      add(JSON.stringify(cell("devices")), expected, "Correct the devices, or leave them out.");
    }
    addresses.set(id, {
      host: host.replace(/^\[|\]$/g, ""),
      ...(port === "" ? {} : { port: number }),
      ...(devices === undefined || devices.length === 0 ? {} : { devices }),
    });
  }
  if (problems.length > 0) throw new InputError(source, problems);
  return addresses;
}

function cardsOf(cluster: Cluster, id: string): number {
  const index = cluster.nodes.findIndex((node) => node.id === id);
  return index < 0 ? 0 : machineOf(cluster, index).gpus;
}

/** Most cards of one host. */
const MOST_DEVICES = 64;

/** Different indices of cards, alone or from-to; undefined where the text is neither. */
function readDevices(text: string): readonly number[] | undefined {
  const parts = text.split(/[\s,;+]+/).filter((part) => part !== "");
  const devices: number[] = [];
  for (const part of parts) {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part);
    if (match === null) return undefined;
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last < first || last >= MOST_DEVICES) return undefined;
    for (let device = first; device <= last; device += 1) devices.push(device);
  }
  return new Set(devices).size === devices.length ? devices : undefined;
}
