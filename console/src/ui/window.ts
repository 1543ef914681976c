// Which rows of a long list are drawn: those on the screen and some around them. The others are empty room.
import { type RefObject, type UIEvent, useLayoutEffect, useMemo, useState } from 'react'

const step = 240 // pixels of scrolling after which other rows are drawn, and that are drawn beyond the screen
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

/** Draws keys[start] to keys[stop - 1] in a box so many pixels high, with room above and below. Rows carry their key in data-row-key. */
export function useWindow(keys: string[], box: RefObject<HTMLElement | null>, height: number) {
  const [at, setAt] = useState(0) // in steps
  const [row, setRow] = useState(usual)
  const [odd, setOdd] = useState<ReadonlyMap<string, number>>(new Map()) // heights of rows that are not like the first one
  const ends = useMemo(() => {
    const all = new Float64Array(keys.length)
    let end = 0
    keys.forEach((key, i) => (all[i] = end += odd.get(key) ?? row))
    return all
  }, [keys, row, odd])
  const start = Math.min(beyond(ends, (at - 1) * step), Math.max(0, keys.length - 1))
  const stop = Math.min(beyond(ends, (at + 2) * step + height) + 1, keys.length)
  const [above, last, whole] = [start > 0 ? ends[start - 1] : 0, ends[stop - 1], ends[keys.length - 1]].map((end) => end ?? 0) as [number, number, number]
  useLayoutEffect(() => {
    const drawn = [...(box.current?.querySelectorAll<HTMLElement>('[data-row-key]') ?? [])].map((r) => [r.dataset.rowKey ?? '', r.offsetHeight] as const)
    const like = row === usual && odd.size === 0 ? (drawn[0]?.[1] ?? row) : row
    setRow(like)
    const news = drawn.filter(([key, now]) => now > 0 && now !== (odd.get(key) ?? like))
    if (news.length) setOdd(new Map([...odd, ...news]))
  })
  return { start, stop, above, below: whole - last, onScroll: (e: UIEvent<HTMLElement>) => setAt(Math.floor(e.currentTarget.scrollTop / step)) }
}
