// What is wrong with a segment's text, where, and in words of either language.
import type { Place, Token } from './lexer'
import type { words } from './grammar_words'

type Short<K> = K extends `grammar.what.${string}` ? never : K extends `grammar.${infer S}` ? S : never
export type Key = Exclude<Short<keyof typeof words>, 'end'>
export type Values = Record<string, string | number>
type Translate = (word: keyof typeof words, values?: Values) => string

const longest = 40 // characters shown of what was written

export class GrammarError extends Error {
  constructor(
    readonly key: Key,
    /** Where; not known of what is too large. */
    readonly at: Place | undefined,
    private readonly values: Values = {},
    private readonly token?: Token,
  ) {
    super(`grammar.${key}`)
  }

  /** How many of JavaScript's units the place is long. */
  get length(): number {
    return this.token?.text.length ?? 0
  }

  say(t: Translate): string {
    const given = clip(this.token?.text ?? '')
    const what = this.values.what
    return t(`grammar.${this.key}`, {
      ...this.values,
      ...(what !== undefined && { what: t(`grammar.what.${what}` as keyof typeof words) }),
      given,
      found: this.token?.kind === 'end' ? t('grammar.end') : `"${given}"`,
    })
  }
}

function clip(s: string): string {
  const characters = [...s]
  return characters.length > longest ? `${characters.slice(0, longest).join('')}…` : s
}
