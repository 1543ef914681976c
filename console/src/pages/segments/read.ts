import { GrammarError, parse, type Tree } from './grammar'

/** What a text says: a tree, nothing yet, or what is wrong with it. */
export function read(value: string): { tree?: Tree; error?: GrammarError } {
  if (value.trim() === '') return {}
  try {
    return { tree: parse(value) }
  } catch (e) {
    if (e instanceof GrammarError) return { error: e }
    throw e
  }
}
