import { quoteFish, quoteShell } from "../core/quote-shell.js";
import type { CommandSketch, OptionSketch } from "./command-sketch.js";

/** What is meant where no command is named. */
const USUAL = "plan";

const flagsOf = ({ options }: CommandSketch): readonly string[] =>
  options.flatMap(({ flags }) => flags);

/** Lines of a `case` over "command option" that offer the option's choices. */
function choiceCases(
  commands: readonly CommandSketch[],
  offer: (choices: readonly string[]) => string,
): readonly string[] {
  return commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(({ flags, choices }) => {
        const patterns = flags.map((flag) => quoteShell(`${name} ${flag}`)).join("|");
        return `    ${patterns}) ${offer(choices)}; return ;;`;
      }),
  );
}

/** For `source <(helix-place completion bash)`. */
export function bashCompletion(commands: readonly CommandSketch[]): string {
  const names = commands.map(({ name }) => name);
  const offer = (words: readonly string[]): string =>
    `mapfile -t COMPREPLY < <(compgen -W ${quoteShell(words.join(" "))} -- "$cur")`;
  return `_helix_place() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=${USUAL} word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names.join("|")}) command=$word; break ;; esac
  done
  case "$command $prev" in
${choiceCases(commands, offer).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${commands.map((command) => `      ${command.name}) ${offer(flagsOf(command))} ;;`).join("\n")}
    esac
    return
  fi
  case $command in
${withArgumentChoices(commands)
  .map(({ name, choices }) => `    ${name}) ${offer(choices)}; return ;;`)
  .join("\n")}
  esac
  mapfile -t COMPREPLY < <(
    if ((COMP_CWORD == 1)); then compgen -W ${quoteShell(names.join(" "))} -- "$cur"; fi
    compgen -f -- "$cur"
  )
}
complete -o filenames -F _helix_place helix-place
`;
}

/** For `source <(helix-place completion zsh)`. */
export function zshCompletion(commands: readonly CommandSketch[]): string {
  const described = (name: string, description: string): string =>
    quoteShell(`${name.replaceAll(":", "\\:")}:${description}`);
  const offer = (words: readonly string[]): string =>
    `compadd -- ${words.map(quoteShell).join(" ")}`;
  const options = ({ options: all }: CommandSketch): string =>
    all
      .flatMap(({ flags, description }) => flags.map((flag) => described(flag, description)))
      .join(" ");
  return `#compdef helix-place
_helix_place() {
  local command=${USUAL} word
  local -a options commands
  for word in \${words[2,CURRENT-1]}; do
    case $word in (${commands.map(({ name }) => name).join("|")}) command=$word; break ;; esac
  done
  case "$command \${words[CURRENT-1]}" in
${choiceCases(commands, offer)
  .map((line) => line.replace(/^ {4}/, "    ("))
  .join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then
    case $command in
${commands.map((command) => `      (${command.name}) options=(${options(command)}) ;;`).join("\n")}
    esac
    _describe option options
    return
  fi
  case $command in
${withArgumentChoices(commands)
  .map(({ name, choices }) => `    (${name}) ${offer(choices)}; return ;;`)
  .join("\n")}
  esac
  if (( CURRENT == 2 )); then
    commands=(${commands.map(({ name, description }) => described(name, description)).join(" ")})
    _describe command commands
  fi
  _files
}
compdef _helix_place helix-place
`;
}

/** For `helix-place completion fish | source`. */
export function fishCompletion(commands: readonly CommandSketch[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const line = (condition: string, rest: string): string =>
    `complete -c helix-place -n ${quoteFish(condition)} ${rest}`;
  const none = `not __fish_seen_subcommand_from ${names}`;
  return `${commands
    .flatMap((command) => {
      const { name, description, choices } = command;
      const seen = `__fish_seen_subcommand_from ${name}`;
      const when = name === USUAL ? `${none}; or ${seen}` : seen;
      const listed =
        choices.length === 0 ? [] : [line(seen, `-f -a ${quoteFish(choices.join(" "))}`)];
      return [
        line(none, `-a ${name} -d ${quoteFish(description)}`),
        ...listed,
        ...command.options.map((option) => line(when, fishOption(option))),
      ];
    })
    .join("\n")}\n`;
}

function fishOption({ flags, takesValue, choices, description }: OptionSketch): string {
  const names = flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const values = choices.length === 0 ? [] : [`-x -a ${quoteFish(choices.join(" "))}`];
  const value = takesValue && choices.length === 0 ? ["-r"] : values;
  return [...names, ...value, `-d ${quoteFish(description)}`].join(" ");
}

function withArgumentChoices(commands: readonly CommandSketch[]): readonly CommandSketch[] {
  return commands.filter(({ choices }) => choices.length > 0);
}
