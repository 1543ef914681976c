// How the sets of a segment's top-level clauses overlap: asked as one expression, whose clauses are all the
// intersections, so that the numbers are of one moment; the regions follow from them by inclusion and exclusion.
import { children, type Tree } from './tree'

/** Clauses and operators up to which the server follows an expression clause by clause. */
export const followed = 64

/**
 * Orders in which the clauses are joined one by one, by how many there are, so that together every intersection comes
 * by once: far fewer nodes than a list for each.
 */
const chains: Record<number, number[][]> = {
  2: [[0, 1]],
  3: [[0, 1, 2], [1, 2], [2, 0]],
  4: [[0, 1, 2, 3], [1, 2, 3], [2, 3, 0], [3, 0, 1], [0, 2], [1, 3]],
}

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
  const lists = new Map<number, Tree>()
  const asked = (chains[of.length] ?? []).map((chain) =>
    chain.slice(1).reduce(
      (sofar, i) => {
        const next = { set: sofar.set | (1 << i), tree: { all: [sofar.tree, of[i] as Tree] } }
        lists.set(next.set, next.tree)
        return next
      },
      { set: 1 << (chain[0] ?? 0), tree: of[chain[0] ?? 0] as Tree },
    ).tree,
  )
  const [first] = asked
  if (!first) return undefined
  const tree: Tree = asked.length === 1 ? first : { any: asked }
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
