// What somebody reads stays where it is when rows come or go above it.

/** A list as it is drawn: its rows, and where each ends, in pixels. */
export type Laid = { keys: readonly string[]; ends: Float64Array }

/** How many pixels lower the first row on the screen has come to lie. At its very top a list shows what is new. */
export function moved(was: Laid, now: Laid, scrolled: number): number {
  if (scrolled <= 0) return 0
  const places = new Map(now.keys.map((key, i) => [key, i]))
  for (let i = was.ends.findIndex((end) => end > scrolled); i >= 0 && i < was.keys.length; i++) {
    const to = places.get(was.keys[i] ?? '') // a row that is gone: the next one stands for it
    if (to !== undefined) return (now.ends[to - 1] ?? 0) - (was.ends[i - 1] ?? 0)
  }
  return 0
}
