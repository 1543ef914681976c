import { useEffect, useRef, useState } from 'react'
import { type Location, useLocation, useSearchParams } from 'react-router'
import { useSettled } from '../../ui/settled'

/** Characters of an address that hold an expression; the server reads no longer ones. */
const longest = 12_000

const query = (where: string) => new URLSearchParams({ where }).toString()

export const fits = (where: string) => query(where).length <= longest

/** Beside the address, in the browser's history: expressions that are too long for it. They come back, but cannot be shared. */
type Beside = { where?: unknown } | null

/** Where to go with an expression: in the address, or beside it. */
export function carrying(path: string, where: string): { to: string; state: Beside } {
  return fits(where) ? { to: `${path}?${query(where)}`, state: null } : { to: path, state: { where } }
}

/** The expression that a page was opened with. */
export function carried({ search, state }: Pick<Location<Beside>, 'search' | 'state'>): string {
  const beside = state?.where
  return new URLSearchParams(search).get('where') ?? (typeof beside === 'string' ? beside : '')
}

export const useCarried = (): string => carried(useLocation())

/** The expression, which lives in the address (?where=), so that it can be shared and comes back. */
export function useWhere(): [string, (where: string) => void] {
  const [, setSearch] = useSearchParams()
  const there = useCarried()
  const [where, setWhere] = useState(there)
  // What was written and has not arrived yet, the oldest first, after what stands there.
  const wrote = useRef([there])
  useEffect(() => {
    const arrived = wrote.current.lastIndexOf(there)
    wrote.current = arrived < 0 ? [there] : wrote.current.slice(arrived)
    if (arrived < 0) setWhere(there) // somebody went back, or followed a link
  }, [there])
  const settled = useSettled(where, 300)
  useEffect(() => {
    if (settled !== where || settled === wrote.current.at(-1)) return
    wrote.current.push(settled)
    setSearch(
      (before) => {
        const next = new URLSearchParams(before)
        next.delete('where')
        if (settled !== '' && fits(settled)) next.set('where', settled)
        return next
      },
      { replace: true, state: fits(settled) ? null : { where: settled } },
    )
  }, [settled, where, setSearch])
  return [where, setWhere]
}
