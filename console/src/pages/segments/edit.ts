// How a segment's builder and its text follow one another. The text only ever says clauses that are finished: while one is
// not, it stays as it was, so that nobody gets into the segment because a number is being typed.
import { type DraftList, draftOf, isWhole, keep, treeOf } from './draft'
import { type Tree, text } from './tree'

/** said: what the builder said when it last was whole; lost: the wrong text that it took the place of. */
export type Edit = { draft: DraftList; said: string; lost?: string }

const print = (tree: Tree | undefined) => (tree ? text(tree) : '')

export function begin(tree: Tree | undefined): Edit {
  const draft = draftOf(tree)
  return { draft, said: print(treeOf(draft)) }
}

/** After the text came to say this, unless the builder said it. */
export function follow(edit: Edit, tree: Tree | undefined): Edit {
  const says = print(tree)
  return says === edit.said ? edit : { draft: keep(draftOf(tree), edit.draft), said: says }
}

/** After something was built; wrong is the text where it is wrong. write is the text to be, if it changes. */
export function built(edit: Edit, draft: DraftList, wrong?: string): { edit: Edit; write?: string } {
  const says = print(treeOf(draft))
  if (!isWhole(draft) || says === edit.said) return { edit: { ...edit, draft } }
  return { edit: { draft, said: says, lost: wrong ?? edit.lost }, write: says }
}
