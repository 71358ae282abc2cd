/** Answers kept before all are forgotten: planning asks about few things, again and again. */
const MOST = 64;

/**
 * The same function, which answers a question asked before without working it out again.
 * @param answer pure, its answers never changed by anybody.
 * @param keyOf all that the answer depends on.
 */
export function remember<Question, Answer>(
  answer: (question: Question) => Answer,
  keyOf: (question: Question) => string,
): (question: Question) => Answer {
  const known = new Map<string, Answer>();
  return (question) => {
    const key = keyOf(question);
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= MOST) known.clear();
    const found = answer(question);
    known.set(key, found);
    return found;
  };
}
