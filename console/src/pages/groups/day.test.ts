import { expect, test, vi } from 'vitest'
import { dayOf, daysUntil, endOf } from './day'

test('a day ends when it does in the zone of the product line', () => {
  const ends = (date: string, zone: string) => endOf(date, zone).toISOString()
  expect(ends('2026-03-01', 'UTC')).toBe('2026-03-01T23:59:59.999Z')
  expect(ends('2026-03-01', 'Asia/Shanghai')).toBe('2026-03-01T15:59:59.999Z')
  expect(ends('2026-12-31', 'America/New_York')).toBe('2027-01-01T04:59:59.999Z')
  expect(ends('2026-06-30', 'Asia/Kathmandu')).toBe('2026-06-30T18:14:59.999Z')
  expect(ends('2199-12-30', 'Asia/Shanghai')).toBe('2199-12-30T15:59:59.999Z')
})

test('a day on which clocks change has 23 hours or 25, and one midnight', () => {
  expect(endOf('2026-03-08', 'America/New_York').toISOString()).toBe('2026-03-09T03:59:59.999Z')
  expect(endOf('2026-11-01', 'America/New_York').toISOString()).toBe('2026-11-02T04:59:59.999Z')
  expect(endOf('2026-03-07', 'America/Havana').toISOString()).toBe('2026-03-08T04:59:59.999Z') // from 0:00 on it is 1:00
  expect(endOf('2026-10-31', 'America/Havana').toISOString()).toBe('2026-11-01T03:59:59.999Z') // 0:00 comes twice
  expect(endOf('2026-10-24', 'America/Scoresbysund').toISOString()).toBe('2026-10-25T01:59:59.999Z') // at 0:00 it is 23:00 again
})

test('every day ends as the next one begins', () => {
  for (const zone of ['Africa/Cairo', 'Asia/Beirut'])
    for (let d = Date.UTC(2026, 0, 1); d < Date.UTC(2027, 0, 1); d += 86_400_000) {
      const date = new Date(d).toISOString().slice(0, 10)
      const end = endOf(date, zone).getTime()
      expect([dayOf(end, zone), dayOf(end + 1, zone)], `${zone} ${date}`).toEqual([date, new Date(d + 86_400_000).toISOString().slice(0, 10)])
    }
})

test('days are counted by the calendar', () => {
  const now = Date.parse('2026-03-01T01:00:00Z') // 9 in the morning in Shanghai
  expect(daysUntil('2026-03-01T15:59:59.999Z', 'Asia/Shanghai', now)).toBe(0)
  expect(daysUntil('2026-03-02T15:59:59.999Z', 'Asia/Shanghai', now)).toBe(1)
  expect(daysUntil('2026-03-01T16:00:00.000Z', 'Asia/Shanghai', now)).toBe(1)
  expect(daysUntil('2026-02-27T00:00:00.000Z', 'Asia/Shanghai', now)).toBe(-2)
})

test('each zone has one clock, however many days are read from it', () => {
  const Clock = Intl.DateTimeFormat
  const made = vi.spyOn(Intl, 'DateTimeFormat').mockImplementation(function (...how: ConstructorParameters<typeof Clock>) {
    return new Clock(...how)
  } as typeof Clock)
  for (let n = 0; n < 100; n++) daysUntil('2026-03-01T15:59:59.999Z', 'Pacific/Apia')
  endOf('2026-03-01', 'Pacific/Apia')
  expect(made).toHaveBeenCalledTimes(1)
  made.mockRestore()
})

test('where the browser does not know a zone, its own counts', () => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const at = Date.parse('2026-03-01T15:59:59.999Z')
  expect(dayOf(at, 'No/Where')).toBe(dayOf(at, here))
  expect(endOf('2026-03-01', 'No/Where')).toEqual(endOf('2026-03-01', here))
})
