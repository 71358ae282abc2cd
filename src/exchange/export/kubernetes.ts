/** A container argument without variables of Kubernetes: `$(NAME)` in data stays what it is. */
export function literalArgument(text: string): string {
  return text.replaceAll("$", () => "$$");
}
