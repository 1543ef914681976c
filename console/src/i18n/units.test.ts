import { expect, test } from 'vitest'
import { ago, bytes, formats, span } from './units'

const now = Date.parse('2026-01-01T12:00:00Z')

test.each([
  [0, '0 bytes', '0字节'],
  [1, '1 byte', '1字节'],
  [999, '999 bytes', '999字节'],
  [1_540, '1.5 kB', '1.5 kB'],
  [72_400_000_000, '72 GB', '72 GB'],
  [3e18, '3,000 PB', '3,000 PB'],
])('%d bytes', (n, en, zh) => expect([bytes('en', n), bytes('zh', n)]).toEqual([en, zh]))

test.each([
  [12, '12 ms', '12毫秒'],
  [1_000, '1 sec', '1秒'],
  [59_600, '1 min', '1分钟'],
  [90_000, '1 min 30 sec', '1分钟30秒'],
  [3_725_000, '1 hr 2 min', '1小时2分钟'],
  [3_601_000, '1 hr', '1小时'],
  [7 * 86_400_000, '7 days', '7天'],
  [86_400_000 + 7_200_000, '1 day 2 hr', '1天2小时'],
])('%d milliseconds', (ms, en, zh) => expect([span('en', ms), span('zh', ms)]).toEqual([en, zh]))

test('how long ago', () => {
  expect(ago('en', '2026-01-01T11:55:30Z', now)).toBe('4 minutes ago')
  expect(ago('zh', '2026-01-01T11:55:30Z', now)).toBe('4分钟前')
  expect(ago('en', '2026-01-01T12:00:05Z', now)).toBe('now')
})

test('a moment names its zone', () => {
  const zone = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(now).find((p) => p.type === 'timeZoneName')?.value ?? '-'
  for (const language of ['en', 'zh'] as const) expect(formats[language].moment.format(now)).toContain(zone)
})
