// Writes docs/schema/<format>.json from the built schemas. Run after a build: npm run schemas.
import { mkdirSync, writeFileSync } from "node:fs";
import { jsonSchemas } from "../dist/formats/json-schemas.js";

const folder = new URL("../docs/schema/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(schema, null, 2)}\n`);
}
