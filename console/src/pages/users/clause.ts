// One clause of a segment in words: what it asks for, and what it says about a user.
import type { WhyClause } from '../../api/client'
import type { Word } from '../../i18n'
import { parse, type Tree } from '../segments/grammar'
import { comparison, comparisons, type OrdersOf } from '../segments/tree'

type Say = (word: Word, values?: Record<string, string | number>) => string
type Names = { group: (id: string) => string; tag: (id: string) => string; number: (n: number | string) => string }

const signs: Record<string, string> = { '>=': '≥', '<=': '≤' }

/** The clause as a tree; nothing where this console knows less than the server. */
export function treeOf(c: WhyClause): Tree | undefined {
  try {
    return parse(c.text)
  } catch {
    return undefined
  }
}

/** The ids of the groups that clauses name, each once. */
export function groupsOf(clauses: readonly WhyClause[]): string[] {
  const ids = clauses.flatMap((c) => (c.kind === 'group' ? (/^group\((\d+)\)$/.exec(c.text)?.[1] ?? []) : []))
  return [...new Set(ids)]
}

/** What a clause asks for: "In group X". */
export function asks(c: WhyClause, t: Say, names: Names): string {
  if (c.kind === 'all' || c.kind === 'any' || c.kind === 'not') return t(`users.why.${c.kind}`)
  const tree = treeOf(c)
  if (tree && 'group' in tree) return t('users.why.group', { name: names.group(String(tree.group)) })
  if (tree && 'tag' in tree) return t('users.why.tag', { name: names.tag(String(tree.tag)) })
  if (tree && 'orders' in tree) return upper(orders(tree.orders, t, names))
  return c.text
}

/** What a clause says about the user: "The user is not in group X". */
export function says(c: WhyClause, t: Say, names: Names): string {
  const tree = treeOf(c)
  if (tree && 'group' in tree) return t(c.holds ? 'users.why.isIn' : 'users.why.isNotIn', { name: names.group(String(tree.group)) })
  if (tree && 'tag' in tree) return t(c.holds ? 'users.why.has' : 'users.why.hasNot', { name: names.tag(String(tree.tag)) })
  const text = tree && 'orders' in tree ? orders(tree.orders, t, names) : c.text
  return t(c.holds ? 'users.why.holds' : 'users.why.holdsNot', { text })
}

function orders(o: OrdersOf, t: Say, names: Names): string {
  const [op, n] = comparison(o)
  const sign = signs[comparisons[op]] ?? comparisons[op]
  const values = { days: names.number(o.days), sign, n: names.number(n), until: o.until ?? '' }
  let text = t(o.until ? 'users.why.ordersUntil' : 'users.why.orders', values)
  if (o.product !== undefined) text = t('users.why.ofProduct', { text, id: String(o.product) })
  if (o.product_group !== undefined) text = t('users.why.ofProductGroup', { text, id: String(o.product_group) })
  return text
}

function upper(s: string): string {
  return s.charAt(0).toUpperCase() + s.slice(1)
}
