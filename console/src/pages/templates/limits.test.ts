import { describe, expect, test } from 'vitest'
import cases from './cases.json'
import { doubt, inOrder, keywordOf, length, literalOf, refusal, rule } from './limits'

describe('what the server refuses is refused here, and nothing else', () => {
  test.each(cases.refused)('%s: %j is refused', (key, text) => expect(refusal(key ?? '', text ?? '')).toBeDefined())
  test.each(cases.taken)('%s: %j is taken', (key, text) => expect(refusal(key ?? '', text ?? '')).toBeUndefined())
})

test('a refusal says why', () => {
  expect(refusal('thing', 'x')?.why).toBe('key')
  expect(refusal('thing1', '')?.why).toBe('empty')
  expect(refusal('thing1', '{{a')?.why).toBe('open')
  expect(refusal('thing1', 'a}}')?.why).toBe('closed')
  expect(refusal('thing1', '{{ a }}')).toMatchObject({ why: 'name', name: ' a ' })
  expect(refusal('thing1', '字'.repeat(21))).toEqual({ why: 'long', n: 21, max: 20, keyword: 'thing' })
  expect(refusal('phrase1', 'abc')).toEqual({ why: 'chars', keyword: 'phrase' })
  expect(refusal('amount1', 'ten')).toEqual({ why: 'amount', keyword: 'amount' })
})

test('names may be longer without Chinese characters', () => {
  expect(rule('name', 'Ann')?.max).toBe(20)
  expect(rule('name', '安')?.max).toBe(10)
  expect(rule('time', '')).toBeUndefined()
})

test('characters count as people see them, and without what is filled in', () => {
  expect(length('a字😀')).toBe(3)
  expect(literalOf('Hi {{name}}, {{user_id}}!')).toBe('Hi , !')
})

test('times and dates that WeChat may refuse are doubted and not refused', () => {
  for (const text of ['15:01', '2026年11月21日 15:01', '2026-11-21 15:01:00', '2026年11月21日', '15:01~16:00', '2026年1月1日 ~ 2026年1月2日', '{{start}}']) {
    expect(doubt('time1', text), text).toBeUndefined()
    expect(doubt('date1', text), text).toBeUndefined()
  }
  expect(doubt('time1', 'soon')).toEqual({ why: 'time', keyword: 'time' })
  expect(doubt('date1', '明天')).toEqual({ why: 'date', keyword: 'date' })
  expect(doubt('custom9', 'x')).toEqual({ why: 'unheard', keyword: 'custom' })
  expect(doubt('thing1', 'x')).toBeUndefined()
})

test('keys stand by their numbers', () => {
  expect(inOrder(['amount2', 'thing10', 'thing1', 'name', 'time2'])).toEqual(['thing1', 'amount2', 'time2', 'thing10', 'name'])
  expect(keywordOf('character_string12')).toBe('character_string')
})
