import { expect, test } from 'vitest'
import { Meter, shown } from './meter'

test('a rate is what was sent within the last ten seconds', () => {
  const m = new Meter(0)
  m.add({ campaign_id: 1, sent: 5_000 }, 1_000) // sent before anybody looked
  expect(m.rate(1_000)).toBe(0)
  for (let s = 2; s <= 30; s++) m.add({ campaign_id: 1, sent: 5_000 + 100 * (s - 1) }, 1000 * s)
  expect(m.rate(30_000)).toBe(100)
  m.add({ campaign_id: '2', sent: '0' as unknown as number }, 30_000)
  m.add({ campaign_id: '2', sent: '500' as unknown as number }, 30_000)
  expect(m.rate(30_000)).toBe(200) // a campaign that has only begun is not spread over ten seconds
  expect(m.rate(30_000, '2')).toBe(100)
  expect(m.rate(41_000)).toBe(0)
})

test('counts that come late or twice are not counted again', () => {
  const m = new Meter(0)
  for (const sent of [0, 100, 50, 100]) m.add({ campaign_id: 1, sent }, 20_000)
  expect(m.rate(29_999)).toBeCloseTo(10, 1)
})

test('a line ends now and begins when somebody looked', () => {
  const m = new Meter(100_000)
  const line = m.line(160_000)
  expect(line).toHaveLength(shown + 1)
  expect(line.indexOf(0)).toBe(60)
  expect(line[59]).toBe(null)
})

test('what was sent while nobody heard is no rate', () => {
  const m = new Meter(0)
  for (const at of [1_000, 2_000]) m.add({ campaign_id: 1, sent: at }, at)
  m.resume(60_000)
  m.add({ campaign_id: 1, sent: 90_000 }, 60_000)
  expect(m.rate(60_000)).toBe(0)
  expect(m.line(60_000).filter((n) => n !== null)).toEqual([0])
  m.add({ campaign_id: 1, sent: 91_000 }, 61_000)
  expect(m.rate(61_000)).toBe(200)
})
