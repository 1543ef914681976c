import { expect, test } from 'vitest'
import { looksLike, possible } from './sought'

test.each([
  ['42', 'id'],
  ['0', 'id'],
  [' 42 ', 'id'],
  ['18446744073709551615', 'id'],
  ['18446744073709551616', 'openid'],
  ['13800000001', 'phone'],
  ['8613800000001', 'phone'],
  ['12800000001', 'id'],
  ['138000000012', 'id'],
  ['+1 (212) 555-0100', 'phone'],
  ['138 0000 0001', 'phone'],
  ['138-0000-0001', 'phone'],
  ['oAbc-12_x', 'openid'],
  ['-', 'openid'],
  ['李雷', 'openid'],
])('%s looks like %s', (typed, kind) => expect(looksLike(typed)).toBe(kind))

test('what it can be', () => {
  expect(possible('42')).toEqual(['id', 'phone', 'openid'])
  expect(possible('0')).toEqual(['id', 'openid'])
  expect(possible('+86 138')).toEqual(['phone', 'openid'])
  expect(possible('oAbc')).toEqual(['openid'])
  expect(possible(' ')).toEqual([])
})
