import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { translate, type Word, words } from './words'

const all = Object.keys(words) as Word[]

test('both languages say every word, with the same places to fill in', () => {
  const places = (s: string) => [...s.matchAll(/\{\w+\}/g)].map(String).sort()
  const wrong = all.filter((word) => {
    const [en, zh]: readonly [string, string] = words[word]
    const forms = en.split('|')
    return zh.includes('|') || forms.length > 2 || [...forms, zh].some((s) => s.trim() === '') || places(forms.at(-1) ?? '').join() !== places(zh).join()
  })
  expect(wrong).toEqual([])
})

/** The source without tests and without the words themselves. */
const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.tsx?$/.test(f) && !/(words\w*|reasons|\.test|schema\.d)\.ts$/.test(f))
  .map((f) => readFileSync(`src/${f}`, 'utf8'))
  .join('\n')

/** What a template such as `groups.mode.${m}What`, or named('status', s), may come to. */
const made = [
  ...[...source.matchAll(/`([a-z][\w.]*\.(?:\$\{[^{}]*\}[\w.]*)+)`/g)].map(([, text = '']) => text.split(/\$\{[^{}]*\}/)),
  ...[...source.matchAll(/\bnamed\('([\w.]+)'/g)].map(([, prefix]) => [`${prefix}.`, '']),
].map((parts) => new RegExp(`^${parts.map((p) => p.replaceAll('.', '\\.')).join('[\\w-]+')}$`))

test('every word is used', () => {
  expect(all.filter((word) => !source.includes(`'${word}'`) && !made.some((m) => m.test(word)))).toEqual([])
})

test('Chinese is not left in English', () => {
  const same = (Object.keys(words) as Word[]).filter((w) => {
    const [en, zh]: readonly [string, string] = words[w]
    return en === zh && /[a-z]{4}/i.test(en)
  })
  expect(same).toEqual([])
})

test('one is not many', () => {
  const say = (n: string | number) => translate('en', 'campaigns.launchTo', { n })
  expect(say(1)).toMatch(/^1 user gets /)
  expect(say('1')).toMatch(/^1 user gets /)
  for (const n of [0, 2, '21', '1,001', '9007199254740993']) expect(say(n)).toMatch(new RegExp(`^${n} users get `))
  expect(translate('zh', 'campaigns.launchTo', { n: 1 })).toMatch(/^将立即向 1 个用户/)
})

const alwaysMany = /^grammar\.|^segments\.(large|shared)|^groups\.(within|inDays)$|^templates\.bad\.long$/

test('what counts has a form for one', () => {
  expect(all.filter((word) => !alwaysMany.test(word) && !words[word][0].includes('|') && /\{n\} ((more )?[a-z]+s|(of \{\w+\} )?(\w+ )?are)\b/.test(words[word][0]))).toEqual([])
})

test('values are filled in', () => {
  expect(translate('en', 'overview.behind', { n: 7 })).toBe('7 events behind')
  expect(translate('zh', 'overview.behind', { n: 7 })).toBe('落后 7 个事件')
})
