// What would be lost if the whole console were left now: for those who leave it by other ways than a link.
import type { Word } from '../i18n'

export type Words = Record<'title' | 'text' | 'leave' | 'stay', Word>

/** words ask whether to leave; allow lets it go without being asked by the browser, too. */
type Guard = { words: Words; allow: () => void }

const guards = new Set<Guard>()

/** Holds the console until what is answered is called. */
export function guard(held: Guard): () => void {
  guards.add(held)
  return () => void guards.delete(held)
}

/** How to ask before leaving; undefined when nothing would be lost. */
export const asks = (): Words | undefined => [...guards].at(-1)?.words

export const letGo = (): void => guards.forEach((g) => g.allow())
