// The days that order clauses look at, as the server's explanation tells them.
import type { Clause } from '../../api/client'
import type { Language } from '../../i18n'
import { locale } from '../../i18n/units'

/** The windows within the clauses below a list's top, for each of them; of a clause that is no list, its own. Each window once. */
export function windows(clauses: readonly Clause[], top: number): [string, string][][] {
  const out: Map<string, [string, string]>[] = []
  for (const c of clauses) {
    if (c.depth === top) out.push(new Map())
    if (c.depth >= top && c.from && c.to) out.at(-1)?.set(`${c.from} ${c.to}`, [c.from, c.to])
  }
  return out.map((found) => [...found.values()])
}

/** A window's first and last day, by the product line's clock; the end is the first moment that does not count. */
export function days(language: Language, zone: string | undefined, [from, to]: readonly [string, string]): string {
  const format = (timeZone?: string) => new Intl.DateTimeFormat(locale(language), { dateStyle: 'medium', timeZone })
  const range = (f: Intl.DateTimeFormat) => f.formatRange(new Date(from), new Date(Date.parse(to) - 1))
  try {
    return range(format(zone))
  } catch {
    return range(format()) // a zone that this browser does not know
  }
}
