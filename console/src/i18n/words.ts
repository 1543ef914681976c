// The dictionary: the words of all pages in one.
import { words as app } from '../app/words'
import { words as campaigns } from '../pages/campaigns/words'
import { words as groups } from '../pages/groups/words'
import { words as operations } from '../pages/operations/words'
import { words as overview } from '../pages/overview/words'
import { words as segments } from '../pages/segments/words'
import { words as signin } from '../pages/signin/words'
import { words as templates } from '../pages/templates/words'
import { words as users } from '../pages/users/words'
import { words as ui } from '../ui/words'

export const words = { ...app, ...ui, ...signin, ...overview, ...groups, ...segments, ...campaigns, ...templates, ...users, ...operations } as const

export type Word = keyof typeof words
export type Language = 'en' | 'zh'

const counts = new Intl.PluralRules('en')

/** An English word that counts may have two forms, 'one|other'; the value n chooses. */
function form(text: string, n: string | number | undefined): string {
  const [one = '', other = one] = text.split('|')
  return counts.select(Number(n)) === 'one' ? one : other
}

export function translate(language: Language, word: Word, values: Record<string, string | number> = {}): string {
  const [en, zh] = words[word]
  return (language === 'en' ? form(en, values.n) : zh).replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all))
}

/** The word for something that the server names, such as a status; the name itself where there is none. */
export function named(prefix: string, name: string): Word | undefined {
  const word = `${prefix}.${name}`
  return word in words ? (word as Word) : undefined
}
