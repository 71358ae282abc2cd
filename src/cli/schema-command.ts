import { Argument, type Command } from "commander";
import { jsonSchemas } from "../formats/json-schemas.js";
import type { CommandContext } from "./terminal.js";

/** `helix-place schema <format>`. */
export function addSchemaCommand(program: Command, context: CommandContext): void {
  const schemas = jsonSchemas();
  program
    .command("schema")
    .description("print the JSON Schema of a file format")
    .addArgument(new Argument("<format>").choices(Object.keys(schemas)))
    .action((format: string) => {
      context.terminal.out(`${JSON.stringify(schemas[format], null, 2)}\n`);
    });
}
