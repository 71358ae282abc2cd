import type { Download } from "./downloads.js";

/** Hands a file to the browser's downloads. */
export function save({ name, type, content }: Download): void {
  const blob = new Blob([content as string | Uint8Array<ArrayBuffer>], { type });
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(address), 0);
}
