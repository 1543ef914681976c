import { expect, test } from 'vitest'
import type { WhyClause } from '../../api/client'
import type { Word } from '../../i18n'
import { type Language, translate } from '../../i18n/words'
import { asks, groupsOf, says } from './clause'

const names = { group: (id: string) => `G${id}`, tag: (id: string) => `T${id}`, number: String }
const say = (language: Language) => (word: Word, values?: Record<string, string | number>) => translate(language, word, values)
const clause = (kind: WhyClause['kind'], text: string, holds: boolean): WhyClause => ({ kind, text, holds, depth: 1, decides: true })

test.each([
  [clause('group', 'group(18446744073709551615)', false), 'Group G18446744073709551615', 'The user is not in group G18446744073709551615', '该用户不在群组 G18446744073709551615 中'],
  [clause('tag', 'tag(7)', true), 'Tag T7', 'The user has tag T7', '该用户有标签 T7'],
  [clause('orders', 'orders(days=30) >= 2', false), 'Orders in the last 30 days ≥ 2', 'Orders in the last 30 days ≥ 2: does not hold', '最近 30 天的订单数 ≥ 2：不成立'],
  [
    clause('orders', 'orders(days=3, product=7, until=2026-03-01) = 0', true), 'Orders in the 3 days up to 2026-03-01 = 0, of product 7',
    'Orders in the 3 days up to 2026-03-01 = 0, of product 7: holds', '截至 2026-03-01 的 3 天内订单数 = 0（商品 7）：成立',
  ],
  [clause('tag', 'sometag(7)', false), 'sometag(7)', 'sometag(7): does not hold', 'sometag(7)：不成立'],
])('%o', (c, asked, said, zh) => {
  expect(asks(c, say('en'), names)).toBe(asked)
  expect(says(c, say('en'), names)).toBe(said)
  expect(says(c, say('zh'), names)).toBe(zh)
})

test('groups are named once', () => {
  expect(groupsOf([clause('all', 'group(5) and group(6)', true), clause('group', 'group(5)', true), clause('group', 'group(6)', true), clause('group', 'group(5)', true)])).toEqual(['5', '6'])
})
