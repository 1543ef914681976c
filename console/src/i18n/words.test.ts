import { expect, test } from 'vitest'
import { translate, type Word, words } from './words'

test('both languages say every word, with the same places to fill in', () => {
  const places = (s: string) => [...s.matchAll(/\{\w+\}/g)].map(String).sort()
  for (const word of Object.keys(words) as Word[]) {
    const [en, zh]: readonly [string, string] = words[word]
    expect(en.trim(), word).not.toBe('')
    expect(zh.trim(), word).not.toBe('')
    expect(places(zh), word).toEqual(places(en))
  }
})

test('Chinese is not left in English', () => {
  const same = (Object.keys(words) as Word[]).filter((w) => {
    const [en, zh]: readonly [string, string] = words[w]
    return en === zh && /[a-z]{4}/i.test(en)
  })
  expect(same).toEqual([])
})

test('values are filled in', () => {
  expect(translate('en', 'overview.behind', { n: 7 })).toBe('7 events behind')
  expect(translate('zh', 'overview.behind', { n: 7 })).toBe('落后 7 个事件')
})
