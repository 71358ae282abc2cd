// Writes what follows from layers.json: the lint rules (.oxlintrc.json) and the table in
// docs/architecture.md. With --check nothing is written, and what is stale ends with exit code 1.
import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

const at = (path) => new URL(`../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), "utf8");
const { packages, clock, rooms } = JSON.parse(read("layers.json"));

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** Whether an import is of a package: itself or a path inside. */
const isOf = (name, own) => name === own || name.startsWith(`${own}/`);

/** Files of a room: those in its folder, and those in folders below that are no rooms themselves. */
function folders(room) {
  const nested = rooms.some((other) => other.room.startsWith(`${room}/`));
  return nested
    ? [[`src/${room}/*.{ts,tsx}`, room]]
    : [
        [`src/${room}/*.{ts,tsx}`, room],
        [`src/${room}/*/**/*.{ts,tsx}`, `${room}/below`],
      ];
}

/** The pattern of everything in another room, seen from a folder of this one. */
function pattern(folder, other) {
  const nested = rooms.some(({ room }) => room.startsWith(`${other}/`));
  return `!${posix.relative(folder, other)}/${nested ? "*.js" : "**"}`;
}

function overrides({ room, mayImport, packages: own = [] }) {
  const foreign = packages.filter((name) => !own.some((mine) => isOf(name, mine)));
  const reach = mayImport.length === 0 ? "nothing" : mayImport.join(", ");
  return folders(room).map(([files, folder]) => ({
    files: [files],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: [
                "../**",
                ...mayImport.map((other) => pattern(folder, other)),
                ...(folder === room ? [] : ["!../*"]),
              ],
              message: `src/${room} may import ${reach} (layers.json)`,
            },
            { group: foreign, message: `src/${room} does not import these packages (layers.json)` },
          ],
        },
      ],
    },
  }));
}

function lintRules() {
  const base = JSON.parse(read(".oxlintrc.base.json"));
  return json({
    ...base,
    overrides: [
      ...rooms.flatMap(overrides),
      { files: clock, rules: { "no-restricted-globals": "off", "no-console": "off" } },
      ...base.overrides,
    ],
  });
}

const START = "<!-- The table is written by `npm run layers` from layers.json. -->";
const END = "<!-- End of the table. -->";

function documented() {
  const text = read("docs/architecture.md");
  const from = text.indexOf(START);
  const to = text.indexOf(END);
  if (from < 0 || to < 0) throw new Error("docs/architecture.md has no place for the table");
  const rows = rooms.map(({ room, holds, mayImport }) => [
    `\`${room}\``,
    holds,
    mayImport.length === 0 ? "–" : mayImport.join(", "),
  ]);
  const all = [["room", "holds", "may import"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const table = [line(all[0]), rule, ...rows.map(line)].join("\n");
  return `${text.slice(0, from)}${START}\n\n${table}\n\n${text.slice(to)}`;
}

const wanted = { ".oxlintrc.json": lintRules(), "docs/architecture.md": documented() };
const stale = Object.entries(wanted).filter(([path, text]) => read(path) !== text);
if (process.argv.includes("--check")) {
  for (const [path] of stale) console.error(`${path} is stale: run \`npm run layers\``);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const [path, text] of stale) writeFileSync(at(path), text);
