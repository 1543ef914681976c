import { expect, test } from 'vitest'
import { days, windows } from './days'

const clause = (depth: number, from?: string, to?: string) => ({ text: '', depth, users: 1, from, to })

test('the windows of a clause are those of every order clause in it, each once', () => {
  const clauses = [
    clause(1), clause(2, 'a', 'b'), clause(2), clause(3, 'a', 'b'), clause(3), clause(4, 'a', 'b'), clause(4, 'c', 'b'), clause(2),
  ]
  expect(windows(clauses, 2)).toEqual([[['a', 'b']], [['a', 'b'], ['c', 'b']], []])
  expect(windows([clause(1), clause(2, 'a', 'b')], 1)).toEqual([[['a', 'b']]])
  expect(windows([], 2)).toEqual([])
})

test('days are those of the product line, the last one included', () => {
  const two = ['2026-11-19T16:00:00Z', '2026-11-21T16:00:00Z'] as const
  expect(days('zh', 'Asia/Shanghai', two)).toMatch(/2026.11.20.*21/)
  expect(days('en', 'Asia/Shanghai', two)).toMatch(/Nov 20.*21, 2026/)
  const one = ['2026-11-20T05:00:00Z', '2026-11-21T05:00:00Z'] as const
  expect(days('en', 'America/New_York', one)).toBe('Nov 20, 2026')
  expect(days('en', 'No/Where', one)).toMatch(/2026/)
})
