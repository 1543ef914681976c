import { expect, test } from 'vitest'
import { drawnAt, endsOf, learned, unmeasured } from './window'

const keys = Array.from({ length: 1000 }, (_, i) => String(i))
const rows = (height: number, n = 20) => keys.slice(0, n).map((key) => [key, height] as const)

test('a list that appears hidden tells no heights; it does once it is shown', () => {
  const hidden = learned(unmeasured, rows(0))
  expect(hidden).toBe(unmeasured)
  const { start, stop } = drawnAt(endsOf(keys, hidden), 0, 560)
  expect(stop - start).toBeLessThan(30)
  expect(learned(hidden, rows(39))).toEqual({ row: 39, odd: new Map() })
})

test('a list that was shown and is hidden again keeps its heights', () => {
  const shown = learned(unmeasured, rows(39))
  expect(learned(shown, rows(0))).toBe(shown)
})

test('the first row stands for all; others that differ are kept', () => {
  const heights = learned(unmeasured, [['0', 40], ['1', 61], ['2', 40]])
  expect(heights).toEqual({ row: 40, odd: new Map([['1', 61]]) })
  expect(learned(heights, [['0', 40], ['1', 61]])).toBe(heights)
  expect([...endsOf(keys.slice(0, 3), heights)]).toEqual([40, 101, 141])
})

test('what is drawn and the room around it are as high as all rows', () => {
  const ends = endsOf(keys, { row: 40, odd: new Map([['7', 100]]) })
  for (const at of [0, 3, 90, 10_000]) {
    const { start, stop, above, below } = drawnAt(ends, at, 560)
    const drawn = (ends[stop - 1] ?? 0) - (ends[start - 1] ?? 0)
    expect(above + drawn + below).toBe(40_060)
    expect(stop - start).toBeLessThan(40)
  }
  expect(drawnAt(ends, 0, 560)).toMatchObject({ start: 0, above: 0 })
  expect(drawnAt(ends, 10_000, 560)).toMatchObject({ stop: 1000, below: 0 })
  expect(drawnAt(endsOf([], unmeasured), 0, 560)).toEqual({ start: 0, stop: 0, above: 0, below: 0 })
})
