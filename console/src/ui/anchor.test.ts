import { expect, test } from 'vitest'
import { moved } from './anchor'
import { endsOf } from './window'

const laid = (keys: string[], odd: Record<string, number> = {}) => ({ keys, ends: endsOf(keys, { row: 40, odd: new Map(Object.entries(odd)) }) })
const was = laid(['a', 'b', 'c', 'd', 'e'])

test('rows put above the first one on the screen move it by their height', () => {
  expect(moved(was, laid(['x', 'y', 'a', 'b', 'c', 'd', 'e'], { y: 61 }), 90)).toBe(101)
  expect(moved(was, laid(['a', 'x', 'b', 'c', 'd', 'e']), 79)).toBe(40)
})

test('rows below it move nothing', () => {
  expect(moved(was, laid(['a', 'b', 'c', 'x', 'd', 'e', 'f']), 90)).toBe(0)
})

test('a list at its very top stays there', () => {
  expect(moved(was, laid(['x', 'a', 'b', 'c', 'd', 'e']), 0)).toBe(0)
})

test('rows that go above it move it up; where it goes itself, the next one stands for it', () => {
  expect(moved(was, laid(['b', 'c', 'd', 'e']), 90)).toBe(-40)
  expect(moved(was, laid(['x', 'y', 'a', 'b', 'd', 'e']), 90)).toBe(40)
})

test('another list altogether moves nothing', () => {
  expect(moved(was, laid(['x', 'y']), 90)).toBe(0)
  expect(moved(laid([]), was, 90)).toBe(0)
})
