// How fast books fill.

/** The books at a moment, in milliseconds: how many users have their outcome. */
export type Look = { at: number; done: number }

const span = 15_000 // milliseconds that the rate is taken over

/** Adds a look and forgets those that are too old; books that went back begin anew. */
export function looked(looks: readonly Look[], look: Look): Look[] {
  const last = looks.at(-1)
  if (last && look.done < last.done) return [look]
  if (last && look.at <= last.at) return [...looks]
  const recent = looks.filter((l) => look.at - l.at <= span)
  return [...recent, look]
}

/** Users per second, from the first look of the span until now: it falls while nothing happens. */
export function rateOf(looks: readonly Look[], now: number): number {
  const first = looks.find((l) => now - l.at <= span) ?? looks.at(-1)
  const last = looks.at(-1)
  if (!first || !last) return 0
  const took = Math.max(now, last.at) - first.at
  return took > 0 ? (1000 * (last.done - first.done)) / took : 0
}
