/** Those of the known ids that share a word with `id`, at most five: what somebody who misspelt may have meant. */
export const nearest = (id: string, known: Iterable<string>): readonly string[] => {
  const words = id.split('-').filter((word) => word.length > 2);
  return [...known].filter((candidate) => words.some((word) => candidate.includes(word))).slice(0, 5);
};
