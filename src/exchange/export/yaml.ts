import { stringify } from "yaml";

const OPTIONS = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

/** YAML of one or more documents, which parsers of YAML 1.1 and 1.2 read alike; no anchors. */
export function toYaml(...documents: readonly unknown[]): string {
  return documents.map((document) => stringify(document, OPTIONS)).join("---\n");
}
