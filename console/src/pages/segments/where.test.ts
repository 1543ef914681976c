import { expect, test } from 'vitest'
import { carried, carrying, fits } from './where'

const arrive = ({ to, state }: ReturnType<typeof carrying>) => carried({ search: new URL(to, 'http://muster').search, state })

test.each(['group(12) and not tag(1)', '', `tag(1) and orders(days=7) > 2 &where=x#`, `not (${'tag(1) or '.repeat(2000)}tag(2))`, '('.repeat(5000)])('an expression arrives where it is carried to: %.40s', (where) => {
  const way = carrying('/demo/campaigns/new', where)
  expect(arrive(way)).toBe(where)
  expect(way.to.length).toBeLessThan(12_100)
  expect(way.state === null).toBe(fits(where))
})

test('what stands in the address counts, and what others left beside it does not', () => {
  expect(carried({ search: '?where=tag(1)', state: { where: 'tag(2)' } })).toBe('tag(1)')
  expect(carried({ search: '', state: { where: 7 } })).toBe('')
  expect(carried({ search: '', state: null })).toBe('')
})

test('half a character stops nothing', () => {
  const way = carrying('/demo/campaigns/new', 'tag(1) \ud83d')
  expect(arrive(way)).toBe('tag(1) \ufffd')
})
