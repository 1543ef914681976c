// What WeChat allows in each keyword of a subscribe message: the same table as the server's (commands/wechat.go). What
// the server does not check is a warning here and no refusal.
import { parts, type Tear } from './fill'

/** Something about a text, as the end of the names of words: templates.bad.<why>, templates.odd.<why>. */
export type Refusal = { why: 'key' | 'empty' | 'long' | 'chars' | 'amount' | Tear; n?: number; max?: number; keyword?: string; name?: string }
export type Doubt = { why: 'time' | 'date' | 'unheard'; keyword: string }

type Rule = { max: number; allows?: (char: string) => boolean }

const digit = /^[0-9]$/
const latin = /^[A-Za-z]$/
const han = /\p{Script=Han}/u
const letter = /\p{L}/u

/** The types that WeChat lists, in the order in which they are offered. */
export const keywords = ['thing', 'time', 'date', 'amount', 'number', 'phrase', 'name', 'character_string', 'phone_number', 'car_number', 'letter', 'symbol'] as const
export type Keyword = (typeof keywords)[number]

export const isKeyword = (s: string): s is Keyword => (keywords as readonly string[]).includes(s)

/** How many characters a keyword's text may have, and which; nothing where there is nothing to check. */
export function rule(keyword: string, literal: string): Rule | undefined {
  switch (keyword) {
    case 'thing':
      return { max: 20 }
    case 'number':
      return { max: 32, allows: (c) => digit.test(c) || c === '.' || c === '-' }
    case 'letter':
      return { max: 32, allows: (c) => latin.test(c) }
    case 'symbol':
      return { max: 5, allows: (c) => !digit.test(c) && !latin.test(c) && !han.test(c) }
    case 'character_string':
      return { max: 32, allows: (c) => !han.test(c) }
    case 'phone_number':
      return { max: 17, allows: (c) => !letter.test(c) }
    case 'car_number':
      return { max: 8 }
    case 'name':
      return { max: han.test(literal) ? 10 : 20 }
    case 'phrase':
      return { max: 5, allows: (c) => han.test(c) }
  }
  return undefined
}

/** A key's type: thing of thing1; nothing where the key is no type and number. */
export function keywordOf(key: string): string | undefined {
  return /^([a-z_]+)[0-9]+$/.exec(key)?.[1]
}

/** Keys by their numbers, which is how WeChat's own list has them; the API keeps no order. */
export function inOrder(keys: string[]): string[] {
  const number = (key: string) => Number(/[0-9]+$/.exec(key)?.[0] ?? Number.MAX_SAFE_INTEGER)
  return [...keys].sort((a, b) => number(a) - number(b) || (a < b ? -1 : 1))
}

/** Characters as the server counts them. */
export const length = (s: string): number => [...s].length

/** What the text itself holds, without what is filled in. */
export function literalOf(text: string): string {
  return parts(text)
    .parts.map((p) => ('literal' in p ? p.literal : ''))
    .join('')
}

const amount = /^[^\d\t\n\f\r ]?\d{1,10}(\.\d+)?元?$/u

/** What the server would refuse of a keyword's text, if anything. */
export function refusal(key: string, text: string): Refusal | undefined {
  const keyword = keywordOf(key)
  if (!keyword) return { why: 'key' }
  if (text === '') return { why: 'empty' }
  const read = parts(text)
  if (read.torn) return { why: read.torn, name: read.at }
  const literal = literalOf(text)
  const held = rule(keyword, literal)
  const n = length(literal)
  if (held && n > held.max) return { why: 'long', n, max: held.max, keyword }
  if (held?.allows && [...literal].some((c) => !held.allows?.(c))) return { why: 'chars', keyword }
  if (keyword === 'amount' && literal === text && !amount.test(literal)) return { why: 'amount', keyword }
  return undefined
}

// As WeChat gives them: 15:01, 2019年10月1日 15:01, and 2019年10月1日; a stretch of two has ~ between.
const clock = String.raw`\d{1,2}:\d{2}(:\d{2})?`
const day = String.raw`\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2})`
const moment = String.raw`(${day}|(${day}\s*)?${clock})`
const moments = new RegExp(String.raw`^${moment}(\s*~\s*${moment})?$`)

/** What WeChat may refuse though the server takes it. */
export function doubt(key: string, text: string): Doubt | undefined {
  const keyword = keywordOf(key)
  if (!keyword) return undefined
  if (!isKeyword(keyword)) return { why: 'unheard', keyword }
  if (literalOf(text) !== text) return undefined
  if ((keyword === 'time' || keyword === 'date') && !moments.test(text)) return { why: keyword, keyword }
  return undefined
}
