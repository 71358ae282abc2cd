import { stringify } from "yaml";

/** YAML of one or more documents. Long texts stay on one line; no anchors. */
export function toYaml(...documents: readonly unknown[]): string {
  return documents
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}
