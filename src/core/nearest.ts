/** Candidates further away than this share of the longer word are no help. */
const FARTHEST_SHARE = 0.5;
/** Further than that. */
const FAR = 1;
/** Names of more letters are compared by what they contain alone. */
const MOST_LETTERS = 300;

/**
 * The candidates that `word` may have been meant to be, nearest first: edit distance without
 * regard to case, blanks, hyphens and underscores; a candidate that contains the word (or the
 * other way round) counts as near. At most `limit`. O(candidates · length), squared up to 300 letters.
 */
export function nearestNames(
  word: string,
  candidates: readonly string[],
  limit: number = 3,
): readonly string[] {
  const folded = fold(word);
  return [...new Set(candidates)]
    .map((candidate, order) => ({ candidate, order, distance: nameDistance(folded, candidate) }))
    .filter(({ distance }) => distance <= FARTHEST_SHARE)
    .sort((a, b) => a.distance - b.distance || a.order - b.order)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** `Did you mean "x" or "y"?` for an error message, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const names = nearestNames(word, candidates).map((name) => `"${name}"`);
  return names.length === 0 ? "" : `Did you mean ${names.join(" or ")}?`;
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[\s_-]+/g, "");
}

function nameDistance(folded: string, candidate: string): number {
  const other = fold(candidate);
  const longer = Math.max(folded.length, other.length);
  if (longer === 0) return 0;
  const shorter = Math.min(folded.length, other.length);
  // There are at least as many edits as letters more; nobody mistypes a name of hundreds.
  const least = 1 - shorter / longer;
  const far = least > FARTHEST_SHARE || longer > MOST_LETTERS;
  const edits = far ? FAR : editDistance(folded, other) / longer;
  const contained = shorter >= 2 && (other.includes(folded) || folded.includes(other));
  return contained ? Math.min(edits, FARTHEST_SHARE * least) : edits;
}

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`. O(|a|·|b|). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
