import { quoteShell } from "../../core/quote-shell.js";

/** Whether a host is an address rather than a name. */
export function isIP(host: string): boolean {
  return isIPv4(host) || host.includes(":");
}

function isIPv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

/**
 * Shell that has the IPv4 address of a host in `$address`, for programs that take no names: looked up
 * where the script runs, which stops where the name means nothing.
 */
export function addressLines(host: string): readonly string[] {
  if (isIPv4(host)) return [`address=${quoteShell(host)}`];
  return [
    `address=$(getent ahostsv4 ${quoteShell(host)})`,
    // The first word of the first line.
    'address="${address%% *}"',
  ];
}
