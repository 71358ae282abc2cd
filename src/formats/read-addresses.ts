import { COORDINATOR_ID, type Cluster } from "../core/cluster.js";
import { InputError, type Problem } from "../core/errors.js";
import { didYouMean } from "../core/nearest.js";
import { parseCsv } from "./parse-csv.js";

/** Where a node is reached. */
export interface Address {
  readonly host: string;
  /** The port of what the target runs there; the target's own default where none is given. */
  readonly port?: number;
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
 * Addresses from CSV text: columns `node`, `host` and optionally `port`, by header or in this
 * order. `coordinator` is a node too.
 * @throws InputError with every problem.
 */
export function readAddresses(
  source: string,
  text: string,
  cluster: Cluster,
): ReadonlyMap<string, Address> {
  const problems: Problem[] = [];
  const addresses = new Map<string, Address>();
  const ids = [...cluster.nodes.map(({ id }) => id), COORDINATOR_ID];
  const known = new Set(ids);
  const rows = parseCsv(text);
  const header = (rows[0] ?? []).map(({ text }) => text.toLowerCase());
  const named = header.includes("node") && header.includes("host");
  const columns = named ? header : ["node", "host", "port"];
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
    addresses.set(id, {
      host: host.replace(/^\[|\]$/g, ""),
      ...(port === "" ? {} : { port: number }),
    });
  }
  if (problems.length > 0) throw new InputError(source, problems);
  return addresses;
}
