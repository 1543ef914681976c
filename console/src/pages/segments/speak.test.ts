import { expect, test } from 'vitest'
import type { Word } from '../../i18n'
import { type Language, translate } from '../../i18n/words'
import { parse } from './grammar'
import { speak } from './speak'

const names = { group: (id: string) => (id === '1' ? 'VIP' : undefined), tag: (id: string) => (id === '7' ? 'New' : undefined), number: String }
const say = (language: Language) => (word: Word, values?: Record<string, string | number>) => translate(language, word, values)

test.each([
  ['group(1)', 'Group VIP', '群组 VIP'],
  ['group(18446744073709551615)', 'Group 18446744073709551615', '群组 18446744073709551615'],
  ['tag(7) and (tag(8) or group(1))', 'Tag New and (Tag 8 or Group VIP)', '标签 New 且 (标签 8 或 群组 VIP)'],
  ['orders(days=30) >= 2', 'Orders in the last 30 days ≥ 2', '最近 30 天的订单数 ≥ 2'],
  ['orders(days=1) > 1', 'Orders in the last 1 day > 1', '最近 1 天的订单数 > 1'],
  ['orders(days=3, product=7, until=2026-03-01) = 0', 'Orders in the 3 days up to 2026-03-01 = 0, of product 7', '截至 2026-03-01 的 3 天内订单数 = 0（商品 7）'],
  ['orders(days=1, product_group=7, until=2026-03-01) < 5', 'Orders on 2026-03-01 < 5, of product group 7', '截至 2026-03-01 的 1 天内订单数 < 5（商品组 7）'],
])('%s', (text, en, zh) => {
  expect(speak(say('en'), names, parse(text))).toBe(en)
  expect(speak(say('zh'), names, parse(text))).toBe(zh)
})
