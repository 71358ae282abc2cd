import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/formats.md", "utf8");

/** The part of the page under a heading. */
function sectionOf(heading: string): string {
  return page.split(/^## /m).find((section) => section.startsWith(heading))!;
}

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
}

test.each(["placement", "constraints"])(
  "every key of %s.json stands on the page of formats",
  (name) => {
    const { properties } = JSON.parse(readFileSync(`docs/schema/${name}.json`, "utf8")) as Schema;
    const { format: _, ...keys } = properties;
    const served = keys.served === undefined ? [] : Object.keys(keys.served.properties);
    const said = sectionOf(`${name}.json`);
    const missing = [...Object.keys(keys), ...served].filter(
      (key) => !said.includes(`\`${key}\``) && !said.includes(`"${key}"`),
    );
    expect(missing).toEqual([]);
  },
);
