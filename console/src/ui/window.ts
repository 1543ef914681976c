// Which rows of a long list are drawn: those on the screen and some around them. The others are empty room.
export const step = 240 // pixels of scrolling after which other rows are drawn, and that are drawn beyond the screen
const usual = 47 // pixels of a row, until one was measured

/** The first of many ends, in ascending order, that is beyond at. */
function beyond(ends: Float64Array, at: number): number {
  let [low, high] = [0, ends.length]
  while (low < high) {
    const mid = (low + high) >> 1
    if ((ends[mid] as number) > at) high = mid
    else low = mid + 1
  }
  return low
}

/** How high rows are: most of them, and those that differ, by their key. */
export type Heights = { row: number; odd: ReadonlyMap<string, number> }

export const unmeasured: Heights = { row: usual, odd: new Map() }

/** What the rows that are drawn tell of heights: the first one ever seen stands for all. Those of a list that is hidden are 0 pixels high and tell nothing. */
export function learned(was: Heights, drawn: readonly (readonly [key: string, height: number])[]): Heights {
  const row = was.row === usual && was.odd.size === 0 ? drawn[0]?.[1] || was.row : was.row
  const news = drawn.filter(([key, now]) => now > 0 && now !== (was.odd.get(key) ?? row))
  if (row === was.row && news.length === 0) return was
  return { row, odd: news.length ? new Map([...was.odd, ...news]) : was.odd }
}

/** Where each row ends, in pixels. */
export function endsOf(keys: readonly string[], { row, odd }: Heights): Float64Array {
  const all = new Float64Array(keys.length)
  let end = 0
  keys.forEach((key, i) => (all[i] = end += odd.get(key) ?? row))
  return all
}

/** The rows from start to before stop, with room above and below, of a box so many pixels high that is scrolled by so many steps. */
export function drawnAt(ends: Float64Array, at: number, height: number): { start: number; stop: number; above: number; below: number } {
  const start = Math.min(beyond(ends, (at - 1) * step), Math.max(0, ends.length - 1))
  const stop = Math.min(beyond(ends, (at + 2) * step + height) + 1, ends.length)
  const [last, whole] = [ends[stop - 1] ?? 0, ends[ends.length - 1] ?? 0]
  return { start, stop, above: ends[start - 1] ?? 0, below: whole - last }
}
