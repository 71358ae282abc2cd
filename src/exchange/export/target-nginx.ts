import { findEngine } from "../../engines/engines.js";
import { API_PORT, joinHostPort } from "./endpoint.js";
import { listenPort, listFronts } from "./fronts.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains } from "./requirements.js";

/** What to know of every balancer. */
export const BALANCER_NOTES = [
  "Fixed weights and prefix-aware routing pull apart: send one conversation's requests to one chain where you can, and the shares drift from the plan; keep to the shares, and cached prefixes are lost.",
] as const;

/** Engines that divide requests between chains themselves: no chain of theirs has an address of its own. */
const UNDIVIDED: readonly string[] = ["petals", "parallax", "helix"];

/** What a balancer leaves to the engines behind it. */
export function balancerLacks({ cluster }: ExportRequest): readonly string[] {
  const engine = cluster.engine?.name;
  const lacks =
    "the layers and everything else that the engines have to be told: export the plan for its engine, too";
  if (engine === undefined || !UNDIVIDED.includes(engine)) return [lacks];
  const { title } = findEngine(engine);
  return [
    `anything that answers: ${title}, for which the plan was made, divides requests between chains by itself, and under it nothing answers where a chain is reached here. Engines that do run chains (vLLM, SGLang) answer there, if you export the plan for one of them; with ${title} leave the balancer out`,
  ];
}

/** What to know where the balancer names hosts. */
export const HOST_NOTES = [
  ...BALANCER_NOTES,
  `A chain is reached where the export for the plan's engine lets it answer: on its first node, port ${API_PORT}, or the next free one where several stand on a host. llama.cpp answers on the node that is reached soonest, port 8080 (plans made with \`--engine llama.cpp\`).`,
] as const;

/** nginx: an upstream with a weighted server per chain. */
export function exportNginx(request: ExportRequest): ExportOutcome {
  return exportChains(request, [], (chains) => {
    const fronts = listFronts(request, chains);
    const port = listenPort(fronts);
    const servers = chains.map((chain, index) => {
      const front = fronts[index]!;
      const address = quoteNginx(joinHostPort(front.host, front.port));
      return `    server ${address} weight=${chain.weight}; # ${chain.name}\n`;
    });
    return {
      files: [{ path: "nginx.conf", text: writeConfig(servers, port) }],
      steps: [
        `Where requests arrive: \`nginx -c "$PWD/nginx.conf"\`; it listens on port ${port}. Or take \`upstream\` and \`server\` over into a configuration you have.`,
      ],
      notCarried: balancerLacks(request),
      notes: [
        ...HOST_NOTES,
        "Buffering is off and read timeouts are long, for answers that stream.",
      ],
    };
  });
}

function writeConfig(servers: readonly string[], port: number): string {
  return `events {}

http {
  upstream chains {
${servers.join("")}    keepalive 64;
  }

  server {
    listen ${port};

    location / {
      proxy_pass http://chains;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`;
}

/** A parameter of an nginx directive. `$` cannot be escaped there, so it is left to fail in the resolver. */
function quoteNginx(text: string): string {
  if (/^[A-Za-z0-9.:_[\]-]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;
}
