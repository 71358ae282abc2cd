import { API_PORT, apiOf, joinHostPort } from "./endpoint.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportChains } from "./requirements.js";

const LISTEN_PORT = 8080;

/** What to know of every balancer. */
export const BALANCER_NOTES = [
  "Fixed weights and prefix-aware routing pull apart: send one conversation's requests to one chain where you can, and the shares drift from the plan; keep to the shares, and cached prefixes are lost.",
] as const;

/** What to know where the balancer names hosts. */
export const HOST_NOTES = [
  ...BALANCER_NOTES,
  `A chain is reached on its first node, port ${API_PORT} unless --addresses says otherwise, where vLLM, SGLang and TensorRT-LLM listen. llama.cpp answers on the last node, port 8080.`,
] as const;

/** nginx: an upstream with a weighted server per chain. */
export function exportNginx(request: ExportRequest): ExportOutcome {
  return exportChains(request, [], (chains) => {
    const servers = chains.map((chain) => {
      const { host, port } = apiOf(request, chain);
      const address = quoteNginx(joinHostPort(host, port));
      return `    server ${address} weight=${chain.weight}; # ${chain.name}\n`;
    });
    return {
      files: [{ path: "nginx.conf", text: writeConfig(servers) }],
      steps: [
        `Where requests arrive: \`nginx -c "$PWD/nginx.conf"\`; it listens on port ${LISTEN_PORT}. Or take \`upstream\` and \`server\` over into a configuration you have.`,
      ],
      notes: [
        ...HOST_NOTES,
        "Buffering is off and read timeouts are long, for answers that stream.",
      ],
    };
  });
}

function writeConfig(servers: readonly string[]): string {
  return `events {}

http {
  upstream chains {
${servers.join("")}    keepalive 64;
  }

  server {
    listen ${LISTEN_PORT};

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
