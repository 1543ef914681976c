import { expect, test } from 'vitest'
import { line, scrolledTo, topAt } from './idlines'

test('the id at the top stays there when there is room for more or fewer columns', () => {
  let top = topAt({ first: 0, scrolled: 0 }, 1000 * line + 20, 8)
  expect(top).toEqual({ first: 8000, scrolled: 1000 * line + 20 })
  for (const columns of [7, 3, 5, 2, 8]) {
    const scrolled = scrolledTo(top.first, columns)
    const lineOf = Math.floor(top.first / columns)
    expect(scrolled).toBe(lineOf * line)
    top = topAt({ first: top.first, scrolled }, scrolled, columns) // what the browser then tells
    expect(top.first).toBe(8000)
  }
  expect(topAt(top, top.scrolled + line, 8).first).toBe(8008)
})

test('a list at its very top stays there', () => {
  expect(scrolledTo(topAt({ first: 0, scrolled: 0 }, 0, 2).first, 8)).toBe(0)
})
