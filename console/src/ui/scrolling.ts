// How a list is scrolled: a short one with its page, a long one within a box of which only what is on the screen is drawn.
import { type RefObject, type UIEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { moved } from './anchor'
import { drawnAt, endsOf, learned, step, unmeasured } from './window'

const many = 50 // rows from which on only those on the screen are drawn

/** Pixels of the rows that the page was scrolled by. */
function passed(box: HTMLElement): number {
  return Math.max(0, -box.getBoundingClientRect().top - (box.querySelector('thead')?.offsetHeight ?? 0))
}

/**
 * Draws keys[start] to keys[stop - 1], with room above and below. Another list (of) begins at its first row; in the same one what
 * is read stays in place, also where it grows long, which it then stays. Rows carry their key in data-row-key.
 */
export function useScrolling(keys: string[], of: string, box: RefObject<HTMLElement | null>, height: number) {
  const [{ list, long }, setForm] = useState({ list: of, long: keys.length > many })
  const [at, setAt] = useState(0) // in steps
  const [heights, setHeights] = useState(unmeasured)
  if (list !== of) setForm({ list: of, long: keys.length > many })
  const ends = useMemo(() => endsOf(keys, heights), [keys, heights])
  const was = useRef({ of, keys, ends })
  const begin = useRef(0) // where a list stands that has just grown long
  useLayoutEffect(() => {
    const node = box.current
    if (!node) return
    const scroll = (to: number) => {
      node.scrollTop = to
      setAt(Math.floor(node.scrollTop / step))
    }
    const known = learned(heights, [...node.querySelectorAll<HTMLElement>('[data-row-key]')].map((r) => [r.dataset.rowKey ?? '', r.offsetHeight] as const))
    setHeights(known)
    const now = { of, keys, ends: known === heights ? ends : endsOf(keys, known) }
    if (was.current.of !== of) scroll(0)
    else if (was.current.keys !== keys) {
      const by = moved(was.current, now, long ? node.scrollTop : passed(node))
      if (by && long) scroll(node.scrollTop + by)
      else if (by) window.scrollBy({ top: by, behavior: 'instant' })
    }
    was.current = now
    if (long && begin.current) {
      scroll(begin.current)
      begin.current = 0
      node.scrollIntoView({ block: 'nearest' })
    }
    if (!long && keys.length > many) {
      begin.current = passed(node)
      setAt(Math.floor(begin.current / step))
      setForm({ list: of, long: true })
    }
  })
  const drawn = long ? drawnAt(ends, at, height) : { start: 0, stop: keys.length, above: 0, below: 0 }
  return { ...drawn, long, onScroll: (e: UIEvent<HTMLElement>) => setAt(Math.floor(e.currentTarget.scrollTop / step)) }
}
