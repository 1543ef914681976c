// How the sets of a segment's top-level clauses overlap: asked as one expression, whose clauses are all the
// intersections, so that the numbers are of one moment; the regions follow from them by inclusion and exclusion.
import { children, type Tree } from './tree'

/** Clauses and operators up to which the server follows an expression clause by clause. */
export const followed = 64
const drawn = 4 // clauses up to which every region is shown: 15 of them

/** All nodes, parents first: the order in which the server explains them. */
export function preorder(n: Tree): Tree[] {
  return [n, ...children(n).flatMap(preorder)]
}

/** The clauses that a segment is made of at its top; of a single clause there is nothing to compare. */
export function parts(tree: Tree): Tree[] {
  return 'all' in tree || 'any' in tree ? children(tree) : []
}

export type Asked = { tree: Tree; of: Tree[]; /** Of each subset of the clauses, as bits: where it is among the explained. */ at: Map<number, number> }

/** What to ask to know every region; undefined where it would be too much. */
export function overlapOf(of: Tree[]): Asked | undefined {
  if (of.length < 2 || of.length > drawn) return undefined
  const lists = new Map<number, Tree>()
  for (let set = 1; set < 1 << of.length; set++) {
    const all = of.filter((_, i) => set & (1 << i))
    if (all.length > 1) lists.set(set, { all })
  }
  const asked = [...lists.values()]
  const tree: Tree = asked.length === 1 ? (asked[0] as Tree) : { any: asked }
  const nodes = preorder(tree)
  if (nodes.length > followed) return undefined
  const at = new Map([...lists].map(([set, list]) => [set, nodes.indexOf(list)]))
  of.forEach((clause, i) => at.set(1 << i, nodes.indexOf(clause)))
  return { tree, of, at }
}

/** Users for whom exactly these clauses hold, and no other. */
export type Region = { set: number; users: bigint }

/** The regions that have users, the largest first, from how many users each explained clause has. */
export function regions({ of, at }: Asked, users: readonly (number | string)[]): Region[] {
  const whole = (1 << of.length) - 1
  const out: Region[] = []
  for (let set = 1; set <= whole; set++) {
    let n = 0n
    for (let more = set; more <= whole; more = (more + 1) | set) {
      const sign = bits(more ^ set) % 2 === 0 ? 1n : -1n
      n += sign * BigInt(users[at.get(more) ?? 0] ?? 0)
    }
    if (n > 0n || set === whole) out.push({ set, users: n })
  }
  return out.sort((a, b) => (a.users === b.users ? a.set - b.set : a.users < b.users ? 1 : -1))
}

function bits(n: number): number {
  return n === 0 ? 0 : (n & 1) + bits(n >> 1)
}

/** What the clauses are called in the pictures: A, B, C. */
export function letter(i: number): string {
  return i < 26 ? String.fromCharCode(65 + i) : String(i + 1)
}
