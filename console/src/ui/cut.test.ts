import { expect, test } from 'vitest'
import { cut, length } from './cut'

test('characters are counted and cut whole', () => {
  expect(length('a𝒳😀')).toBe(3)
  expect(cut('a𝒳😀', 2)).toBe('a𝒳')
  expect(encodeURIComponent(cut('😀'.repeat(300), 200))).toBe(encodeURIComponent('😀'.repeat(200)))
  expect(cut('ab', 200)).toBe('ab')
})
