// How fast books fill, and how long the rest takes.

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

/** A time as its largest two units. */
export function units(seconds: number): { word: 'campaigns.seconds' | 'campaigns.minutes' | 'campaigns.hours'; values: { h: number; m: number; s: number } } {
  const all = Math.max(0, Math.ceil(seconds))
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
  return { word: all < 60 ? 'campaigns.seconds' : all < 3600 ? 'campaigns.minutes' : 'campaigns.hours', values: { h, m, s } }
}
