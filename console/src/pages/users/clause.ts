// One clause of a condition in words: what it asks for, and what it says about a user.
import type { WhyClause } from '../../api/client'
import { parse, type Tree } from '../segments/grammar'
import { type Names, type Say, speak } from '../segments/speak'

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

/** What a clause asks for: "Group X". */
export function asks(c: WhyClause, t: Say, names: Names): string {
  if (c.kind === 'not') return t('users.why.not')
  if (c.kind === 'all' || c.kind === 'any') return t(c.kind === 'all' ? 'segments.all' : 'segments.any')
  const tree = treeOf(c)
  return tree ? speak(t, names, tree) : c.text
}

/** What a clause says about the user: "The user is not in group X". */
export function says(c: WhyClause, t: Say, names: Names): string {
  const tree = treeOf(c)
  if (tree && 'group' in tree) return t(c.holds ? 'users.why.isIn' : 'users.why.isNotIn', { name: names.group(String(tree.group)) ?? String(tree.group) })
  if (tree && 'tag' in tree) return t(c.holds ? 'users.why.has' : 'users.why.hasNot', { name: names.tag(String(tree.tag)) ?? String(tree.tag) })
  return t(c.holds ? 'users.why.holds' : 'users.why.holdsNot', { text: tree ? speak(t, names, tree) : c.text })
}
