import { expect, test } from 'vitest'
import { looksLike, phonesOf, placeOf, possible, type Sought, soughtIn } from './sought'

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

test.each<[Sought, string]>([
  [{ q: '42' }, '?q=42'],
  [{ q: '42', as: 'id' }, '?q=42'],
  [{ q: '13800000001', as: 'id' }, '?q=13800000001'],
  [{ q: '13800000001' }, ''],
  [{ q: '42', as: 'phone' }, ''],
  [{ q: 'oAbc-12_x' }, ''],
  [{ q: '42', as: 'openid' }, ''],
  [{ q: '' }, ''],
])('the address of %o is %o, and nothing is lost', (sought, address) => {
  const { search, state } = placeOf(sought, 'key')
  expect(search).toBe(address)
  expect(soughtIn(new URLSearchParams(search), state, 'key')).toEqual(sought)
})

test('what was sought with one key is not shown to another', () => {
  for (const sought of [{ q: '13800000001' }, { q: 'oAbc-12_x' }, { q: '42', as: 'phone' as const }]) {
    const { search, state } = placeOf(sought, 'key')
    expect(soughtIn(new URLSearchParams(search), state, 'another')).toEqual({ q: '', as: undefined })
  }
  expect(soughtIn(new URLSearchParams(), { q: '13800000001' }, 'key')).toEqual({ q: '', as: undefined })
})

test('what an address asks for is a user id', () => {
  const from = (search: string, state: unknown = null) => soughtIn(new URLSearchParams(search), state, 'key')
  expect(from('?q=42')).toEqual({ q: '42', as: undefined })
  expect(from('?q=13800000001')).toEqual({ q: '13800000001', as: 'id' })
  expect(from('?q=oAbc')).toEqual({ q: '', as: undefined })
  expect(from('?q=42', { q: '7', by: 'key' })).toEqual({ q: '42', as: undefined })
  expect(from('', { q: 7, as: 'x', by: 'key' })).toEqual({ q: '', as: undefined })
})

test.each([
  ['+86 138 0000 0042', ['8613800000042', '13800000042']],
  ['8613800000042', ['8613800000042', '13800000042']],
  ['13800000042', ['13800000042', '8613800000042']],
  ['138-0000-0042', ['13800000042', '8613800000042']],
  ['+1 (212) 555-0100', ['12125550100']],
  ['12800000001', ['12800000001']],
  ['0086 13800000042', ['8613800000042', '13800000042']],
  ['00013', ['13']],
])('the phone %s may be kept as %o', (typed, phones) => expect(phonesOf(typed)).toEqual(phones))
