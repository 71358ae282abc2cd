import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jsonSchemas } from "../../src/formats/json-schemas.js";

const FOLDER = "docs/schema";

test("the JSON Schemas shipped are those of this version (npm run schemas writes them)", () => {
  const schemas = jsonSchemas();
  expect(readdirSync(FOLDER).sort()).toEqual(
    Object.keys(schemas)
      .map((name) => `${name}.json`)
      .sort(),
  );
  for (const [name, schema] of Object.entries(schemas)) {
    const shipped: unknown = JSON.parse(readFileSync(`${FOLDER}/${name}.json`, "utf8"));
    expect(shipped, name).toEqual(schema);
  }
});
