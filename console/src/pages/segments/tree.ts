// A segment as a tree, which is the API's JSON form, and how it is printed. Beside it the limits of the language; all of
// it as the Go package segments says, which shares its cases (segments/testdata/grammar.json) with the tests here.

/** A whole number, or its digits where it is 2^53 or more. */
export type Id = number | string

export const comparisons = { more_than: '>', at_least: '>=', less_than: '<', at_most: '<=', exactly: '=' } as const
export type Comparison = keyof typeof comparisons

export type OrdersOf = { days: number; product?: Id; product_group?: Id; until?: string } & { [C in Comparison]?: number }
export type Tree = { all: Tree[] } | { any: Tree[] } | { not: Tree } | { group: Id } | { tag: number } | { orders: OrdersOf }

export const limits = { bytes: 1 << 20, depth: 100, nodes: 500, orders: 20, days: 3660, count: 1_000_000_000 } as const
export const most = { group: 2n ** 64n - 1n, tag: 2n ** 32n - 1n, product: 2n ** 64n - 1n } as const

/** How an order clause compares, and with what. */
export function comparison(o: OrdersOf): [Comparison, number] {
  for (const c of Object.keys(comparisons) as Comparison[]) {
    const n = o[c]
    if (n !== undefined) return [c, n]
  }
  return ['more_than', 0]
}

/** The nodes directly below. */
export function children(n: Tree): Tree[] {
  if ('all' in n) return n.all
  if ('any' in n) return n.any
  return 'not' in n ? [n.not] : []
}

/** Lists of one mean, and print as, what they hold. */
function unlist(n: Tree): Tree {
  let at = n
  for (;;) {
    const below = children(at)
    if ('not' in at || below.length !== 1) return at
    at = below[0] as Tree
  }
}

/** The text form: lower case, parentheses only where they are needed. */
export function text(n: Tree): string {
  return print(n, false)
}

// inner: it stands within an operator, where lists need parentheses unless they bind tighter.
function print(n: Tree, inner: boolean): string {
  if ('all' in n) return list(n.all, ' and ', inner, () => true)
  if ('any' in n) return list(n.any, ' or ', inner, (c) => !('all' in c))
  if ('not' in n) return `not ${print(n.not, true)}`
  if ('group' in n) return `group(${n.group})`
  if ('tag' in n) return `tag(${n.tag})`
  const o = n.orders
  const [c, count] = comparison(o)
  const more = (['product', 'product_group', 'until'] as const).flatMap((k) => (o[k] === undefined ? [] : [`, ${k}=${o[k]}`]))
  return `orders(days=${o.days}${more.join('')}) ${comparisons[c]} ${count}`
}

function list(of: Tree[], word: string, parentheses: boolean, wrap: (c: Tree) => boolean): string {
  if (of.length === 1) return print(of[0] as Tree, parentheses)
  const parts = of.map((c) => print(c, wrap(unlist(c)))).join(word)
  return parentheses ? `(${parts})` : parts
}

/** The tree as the server prints it: keys in a fixed order, lists of one taken apart. */
export function canonical(n: Tree): Tree {
  const at = unlist(n)
  if ('all' in at) return { all: at.all.map(canonical) }
  if ('any' in at) return { any: at.any.map(canonical) }
  if ('not' in at) return { not: canonical(at.not) }
  if ('group' in at) return { group: id(BigInt(at.group)) }
  if ('tag' in at) return { tag: Number(at.tag) }
  const { days, product, product_group, until } = at.orders
  const [c, count] = comparison(at.orders)
  return {
    orders: {
      days,
      ...(product !== undefined && { product: id(BigInt(product)) }),
      ...(product_group !== undefined && { product_group: id(BigInt(product_group)) }),
      ...(until !== undefined && { until }),
      [c]: count,
    },
  }
}

/** An id as JSON says it. */
export function id(n: bigint): Id {
  return n < 2n ** 53n ? Number(n) : String(n)
}
