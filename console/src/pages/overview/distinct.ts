type Answer<T> = { at: number; items: readonly T[] }

/** What several lists have, each of it once, as the newest answer says: what moved meanwhile stands in two of them. */
export function distinct<T extends { id: number | string }>(answers: readonly Answer<T>[]): T[] {
  const seen = new Map<string, T>()
  for (const { items } of answers.toSorted((a, b) => a.at - b.at)) for (const one of items) seen.set(String(one.id), one)
  return [...seen.values()]
}
