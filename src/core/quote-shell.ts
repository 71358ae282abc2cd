/** One word of a POSIX shell, whatever is in the text: single quotes where anything needs them. */
export function quoteShell(text: string): string {
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** One word of fish, which knows two escapes in single quotes. */
export function quoteFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** A name or path that no command takes for an option: no hub has names that begin with a hyphen. */
export function keepOperand(name: string): string {
  return name.startsWith("-") ? `./${name}` : name;
}
