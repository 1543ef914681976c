import { useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useSettled } from './settled'

/** Characters of an address that hold an expression; the server reads no longer ones. */
const longest = 12_000

export const fits = (where: string) => encodeURIComponent(where).length <= longest

/** The expression, which lives in the address (?where=), so that it can be shared and comes back. */
export function useWhere(): [string, (where: string) => void] {
  const [search, setSearch] = useSearchParams()
  const inAddress = search.get('where') ?? ''
  const [where, setWhere] = useState(inAddress)
  const wrote = useRef(inAddress)
  useEffect(() => {
    if (inAddress === wrote.current) return
    wrote.current = inAddress // somebody went back, or followed a link
    setWhere(inAddress)
  }, [inAddress])
  const settled = useSettled(where, 300)
  useEffect(() => {
    const now = fits(settled) ? settled : ''
    if (now === wrote.current) return
    wrote.current = now
    setSearch(
      (before) => {
        const next = new URLSearchParams(before)
        if (now === '') next.delete('where')
        else next.set('where', now)
        return next
      },
      { replace: true },
    )
  }, [settled, setSearch])
  return [where, setWhere]
}
