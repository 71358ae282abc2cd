/** Cards of the artifact's machine types; its machines ran on Google Cloud. */
const CARDS: Readonly<Record<string, string>> = {
  a100: "A100-40GB",
  v100: "V100-16GB",
  l4: "L4",
  t4: "T4",
  h100: "H100-80GB",
  a10g: "A10G",
};

/** `L4x2` is two L4 that work as one node. */
export function identifyHelixMachine(
  type: string,
): { readonly gpu: string; readonly gpus: number } | undefined {
  const match = /^([a-z]+\d+[a-z]*?)(?:x(\d))?$/.exec(type.toLowerCase());
  const card = match?.[1];
  if (card === undefined || !Object.hasOwn(CARDS, card)) return undefined;
  return { gpu: CARDS[card]!, gpus: Number(match?.[2] ?? 1) };
}
