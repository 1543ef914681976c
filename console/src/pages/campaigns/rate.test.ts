import { expect, test } from 'vitest'
import { type Look, looked, rateOf } from './rate'

test('the rate is what happened over the last looks', () => {
  let looks: Look[] = []
  for (let s = 0; s <= 60; s++) looks = looked(looks, { at: s * 1000, done: s * 250 })
  expect(looks.length).toBeLessThanOrEqual(16)
  expect(rateOf(looks, 60_000)).toBeCloseTo(250)
})

test('the rate falls while nothing happens, down to none', () => {
  const looks = looked(looked([], { at: 0, done: 0 }), { at: 1000, done: 1000 })
  expect(rateOf(looks, 1000)).toBe(1000)
  expect(rateOf(looks, 10_000)).toBe(100)
  expect(rateOf(looks, 60_000)).toBe(0)
})

test('one look tells no rate, and books that go back begin anew', () => {
  expect(rateOf([], 5)).toBe(0)
  expect(rateOf(looked([], { at: 5, done: 7 }), 5)).toBe(0)
  expect(looked([{ at: 1, done: 9 }], { at: 2, done: 3 })).toEqual([{ at: 2, done: 3 }])
  expect(looked([{ at: 1, done: 9 }], { at: 1, done: 9 })).toEqual([{ at: 1, done: 9 }])
})
