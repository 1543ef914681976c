// A segment in words: the same as its text form.
import type { Word } from '../../i18n'
import type { Tree } from './grammar'
import { children, comparison, comparisons, type OrdersOf } from './tree'

export type Say = (word: Word, values?: Record<string, string | number>) => string

/** How people call what a segment names; undefined where the id has to do. */
export type Names = { group: (id: string) => string | undefined; tag: (id: string) => string | undefined; number: (n: number | string) => string }

const signs: Record<string, string> = { '>=': '≥', '<=': '≤' }

export function speak(t: Say, names: Names, n: Tree, inner = false): string {
  if ('not' in n) return `${t('segments.not')} ${speak(t, names, n.not, true)}`
  if ('group' in n) return `${t('segments.group')} ${names.group(String(n.group)) ?? n.group}`
  if ('tag' in n) return `${t('segments.tag')} ${names.tag(String(n.tag)) ?? n.tag}`
  if ('orders' in n) return orders(t, names, n.orders)
  const said = children(n).map((c) => speak(t, names, c, true)).join(` ${t('all' in n ? 'segments.and' : 'segments.or')} `)
  return inner ? `(${said})` : said
}

function orders(t: Say, names: Names, o: OrdersOf): string {
  const [op, count] = comparison(o)
  const sign = signs[comparisons[op]] ?? comparisons[op]
  let text = t(o.until ? 'segments.saidUntil' : 'segments.saidOrders', { n: names.number(o.days), sign, count: names.number(count), until: o.until ?? '' })
  if (o.product !== undefined) text = t('segments.saidProduct', { text, id: String(o.product) })
  if (o.product_group !== undefined) text = t('segments.saidProductGroup', { text, id: String(o.product_group) })
  return text
}
