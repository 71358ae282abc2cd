import { existsSync, readFileSync } from "node:fs";

const at = (path) => new URL(`../${path}`, import.meta.url);

/** The licence of every package of which something is in a bundle. */
export function collectLicences(inputs) {
  const folders = inputs.flatMap((path) => {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
    return match === null ? [] : [match[1]];
  });
  const texts = [...new Set(folders)]
    .sort((a, b) => a.localeCompare(b))
    .map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(at(`${folder}/package.json`), "utf8"),
      );
      const file = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license"].find((one) =>
        existsSync(at(`${folder}/${one}`)),
      );
      const text =
        file === undefined ? "" : `\n\n${readFileSync(at(`${folder}/${file}`), "utf8").trim()}`;
      return `${name} ${version} (${license})${text}\n`;
    });
  return texts.join(`\n${"-".repeat(72)}\n\n`);
}
