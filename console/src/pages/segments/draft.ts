// What the builder works on: a tree that may be unfinished. Clauses that say nothing yet (no group chosen, an empty list)
// are left out of its tree. Numbers are as they were typed, right or not. Every part has a key of its own, and `nots` says
// how many times it is negated.
import { type Comparison, canonical, comparison, type Tree } from './tree'
import { isDay, numbersOf } from './typed'

type Base = { key: string; nots: number }
export type DraftList = Base & { kind: 'all' | 'any'; of: Draft[] }
export type DraftSet = Base & { kind: 'group' | 'tag'; id: string }
export type DraftOrders = Base & {
  kind: 'orders'
  days: string
  op: Comparison
  n: string
  product: string
  product_group: string
  until: string
}
export type Draft = DraftList | DraftSet | DraftOrders
export type Kind = Draft['kind']

let made = 0
const key = () => `c${++made}`

export const isList = (d: Draft): d is DraftList => d.kind === 'all' || d.kind === 'any'

/** A new clause that says nothing yet; orders begin with what is most often meant. */
export function fresh(kind: Kind): Draft {
  if (kind === 'all' || kind === 'any') return { key: key(), nots: 0, kind, of: [] }
  if (kind === 'orders') return { key: key(), nots: 0, kind, days: '30', op: 'at_least', n: '1', product: '', product_group: '', until: '' }
  return { key: key(), nots: 0, kind, id: '' }
}

/** The draft of a tree; its root is a list, so that clauses can be added. */
export function draftOf(tree: Tree | undefined): DraftList {
  const root = tree && from(canonical(tree))
  if (root && isList(root)) return root
  return { key: key(), nots: 0, kind: 'all', of: root ? [root] : [] }
}

function from(n: Tree): Draft {
  if ('not' in n) {
    const d = from(n.not)
    return { ...d, nots: d.nots + 1 }
  }
  if ('all' in n) return { key: key(), nots: 0, kind: 'all', of: n.all.map(from) }
  if ('any' in n) return { key: key(), nots: 0, kind: 'any', of: n.any.map(from) }
  if ('group' in n) return { key: key(), nots: 0, kind: 'group', id: String(n.group) }
  if ('tag' in n) return { key: key(), nots: 0, kind: 'tag', id: String(n.tag) }
  const { days, product, product_group, until } = n.orders
  const [op, count] = comparison(n.orders)
  return {
    key: key(), nots: 0, kind: 'orders', days: String(days), op, n: String(count),
    product: String(product ?? ''), product_group: String(product_group ?? ''), until: until ?? '',
  }
}

/** The tree that a draft says; undefined while it says nothing. */
export function treeOf(d: Draft): Tree | undefined {
  let tree = bare(d)
  for (let i = 0; tree && i < d.nots; i++) tree = { not: tree }
  return tree && canonical(tree)
}

function bare(d: Draft): Tree | undefined {
  if (isList(d)) {
    const of = d.of.map(treeOf).filter((t) => t !== undefined)
    if (of.length === 0) return undefined
    return d.kind === 'all' ? { all: of } : { any: of }
  }
  if (d.kind !== 'orders') return d.id === '' ? undefined : d.kind === 'group' ? { group: d.id } : { tag: Number(d.id) }
  const typed = numbersOf(d)
  if (!typed || !isDay(d.until)) return undefined
  const until = d.until.trim()
  const { days, n, product, product_group } = typed
  return {
    orders: {
      days: Number(days),
      ...(product !== undefined && { product: String(product) }),
      ...(product_group !== undefined && { product_group: String(product_group) }),
      ...(until !== '' && { until }),
      [d.op]: Number(n),
    },
  }
}

/** Whether every clause and every list in it says something. */
export function isWhole(root: DraftList): boolean {
  return root.of.every((c) => (isList(c) ? c.of.length > 0 && isWhole(c) : bare(c) !== undefined))
}

/** Puts what fn makes of it in the place of the clause with this key. */
function replace(d: DraftList, at: string, fn: (d: Draft) => Draft[]): DraftList {
  const of = d.of.flatMap((c) => (c.key === at ? fn(c) : isList(c) ? [replace(c, at, fn)] : [c]))
  return of.length === d.of.length && of.every((c, i) => c === d.of[i]) ? d : { ...d, of }
}

export function change(root: DraftList, next: Draft): DraftList {
  return root.key === next.key ? (next as DraftList) : replace(root, next.key, () => [next])
}

export function find(root: Draft, at: string): Draft | undefined {
  if (root.key === at) return root
  if (!isList(root)) return undefined
  for (const c of root.of) {
    const found = find(c, at)
    if (found) return found
  }
  return undefined
}

/** The list that a clause stands in. */
export function parent(root: DraftList, at: string): DraftList | undefined {
  if (root.of.some((c) => c.key === at)) return root
  for (const c of root.of) {
    const found = isList(c) && parent(c, at)
    if (found) return found
  }
  return undefined
}

export function add(root: DraftList, list: string, clause: Draft): DraftList {
  const into = find(root, list)
  return into && isList(into) ? change(root, { ...into, of: [...into.of, clause] }) : root
}

export function remove(root: DraftList, at: string): DraftList {
  return replace(root, at, () => [])
}

export function negate(root: DraftList, at: string): DraftList {
  const d = find(root, at)
  return d ? change(root, { ...d, nots: d.nots > 0 ? d.nots - 1 : 1 }) : root
}

/** Puts a clause into a list of its own, of the other kind than the one around it. */
export function wrap(root: DraftList, at: string): DraftList {
  const kind = parent(root, at)?.kind === 'all' ? 'any' : 'all'
  return replace(root, at, (d) => [{ key: key(), nots: 0, kind, of: [d] }])
}

/** Puts what a list holds in its place. */
export function dissolve(root: DraftList, at: string): DraftList {
  return replace(root, at, (d) => (isList(d) ? d.of : [d]))
}

/**
 * One step up or down, in the order in which the clauses are written: past a clause, into a list that stands there, or
 * out of its own list.
 */
export function move(root: DraftList, at: string, step: -1 | 1): DraftList {
  const list = parent(root, at)
  const moved = find(root, at)
  if (!list || !moved) return root
  const i = list.of.indexOf(moved)
  const beside = list.of[i + step]
  if (beside && isList(beside)) {
    return change(remove(root, at), { ...beside, of: step < 0 ? [...beside.of, moved] : [moved, ...beside.of] })
  }
  if (beside) {
    const of = [...list.of]
    of.splice(i, 1)
    of.splice(i + step, 0, moved)
    return change(root, { ...list, of })
  }
  if (list === root) return root
  return replace(remove(root, at), list.key, (d) => (step < 0 ? [moved, d] : [d, moved]))
}

/** The next draft with the keys of the one before where they stand in the same place, and its parts where nothing changed. */
export function keep<D extends Draft>(next: D, before: Draft | undefined): D {
  if (!before || isList(next) !== isList(before) || (!isList(next) && next.kind !== before.kind)) return next
  const kept = { ...next, key: before.key }
  if (isList(kept) && isList(before)) kept.of = kept.of.map((c, i) => keep(c, before.of[i]))
  return same(kept, before) ? (before as D) : kept
}

function same(a: Draft, b: Draft): boolean {
  if (!isList(a) || !isList(b)) return JSON.stringify(a) === JSON.stringify(b)
  return a.kind === b.kind && a.nots === b.nots && a.of.length === b.of.length && a.of.every((c, i) => c === b.of[i])
}

/** How many clauses and lists there are. */
export function size(d: Draft): number {
  return isList(d) ? d.of.reduce((n, c) => n + size(c), 1) : 1
}
