import { printableText } from "../core/printable.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is safe in XML and HTML content and attributes, and steers neither markup nor the eye. */
export function escapeXml(text: string): string {
  return printableText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
