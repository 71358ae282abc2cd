import type { Command } from "commander";
import { openBrowser } from "../node/open-browser.js";
import { openCluster } from "../node/open-files.js";
import { readText } from "../node/read-text.js";
import { servePage } from "../node/serve-page.js";
import { numberOption } from "./options.js";
import type { CommandContext, Terminal } from "./terminal.js";

const USUAL_PORT = 4820;

interface UiOptions {
  readonly port: number;
  readonly open: boolean;
}

/** `helix-place ui [cluster.json]`: the playground, served to this machine until interrupted. */
export function addUiCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command("ui")
    .description("plan in a page of your browser: served to this machine alone, until interrupted")
    .argument("[cluster]", "cluster file to begin with (default: an example)")
    .option(
      "--port <number>",
      "port on 127.0.0.1; 0 takes any that is free",
      numberOption({ atLeast: 0, below: 65536, whole: true }),
      USUAL_PORT,
    )
    .option("--no-open", "only say the address, open no browser")
    .action((path: string | undefined, options: UiOptions) => runUi(path, options, terminal));
}

async function runUi(
  path: string | undefined,
  { port, open }: UiOptions,
  terminal: Terminal,
): Promise<void> {
  const page = await servePage(
    new URL("../page/", import.meta.url),
    path === undefined ? undefined : await readOpened(path, terminal),
    port,
  );
  const address = path === undefined ? page.address : `${page.address}?opened`;
  const ended = new Promise<void>((resolve) => {
    if (terminal.signal.aborted) resolve();
    terminal.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  terminal.out(`${address}\n`);
  if (!open || !(await openBrowser(address))) {
    terminal.err(
      open
        ? "No browser could be opened here: open the address above yourself. "
        : "Open the address above. ",
    );
  }
  terminal.err("Served to this machine alone; Ctrl+C ends it.\n");
  await ended;
  await page.close();
}

/** The cluster file as the page reads it. @throws InputError with everything wrong with it. */
async function readOpened(path: string, { readStandardInput }: Terminal): Promise<string> {
  const { file, referencedModel } = await openCluster(path, (name) =>
    readText(name, readStandardInput),
  );
  return JSON.stringify({
    file,
    ...(referencedModel === undefined ? {} : { model: referencedModel }),
  });
}
