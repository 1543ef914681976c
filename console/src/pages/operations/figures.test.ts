import { expect, test } from 'vitest'
import { changes, fits, follow, read, typedOf } from './figures'

const was = { send_rate: 0, chunk_size: 10_000, claim_size: 500, rejected_kept: 1_000 }

test.each([
  ['15', 15],
  [' 15 ', 15],
  ['0', 0],
  ['007', 7],
  ['10,000', 10_000],
  ['1,000,000', 1_000_000],
  ['１５', 15],
  ['１０，０００', 10_000],
  ['1.5', undefined],
  ['1e99', undefined],
  ['', undefined],
  [' ', undefined],
  ['abc', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1,5', undefined],
  ['10 000', undefined],
  ['99999999999999999999', undefined],
])('%j is read as %s', (text, n) => expect(read(text)).toBe(n))

test('what the server takes', () => {
  expect(fits('send_rate', '0')).toBe(true)
  expect(fits('send_rate', '1,000,000')).toBe(true)
  expect(fits('send_rate', '1000001')).toBe(false)
  expect(fits('chunk_size', '0')).toBe(false)
  expect(fits('claim_size', '10001')).toBe(false)
  expect(fits('rejected_kept', '')).toBe(false)
})

test('only what is changed is saved', () => {
  expect(changes(typedOf(was), was)).toEqual({})
  expect(changes({ ...typedOf(was), claim_size: '0500', send_rate: '５' }, was)).toEqual({ send_rate: 5 })
})

test('what one types stays when somebody else changes the settings', () => {
  const now = { ...was, send_rate: 7, claim_size: 100 }
  const mine = { ...typedOf(was), send_rate: '1.5', chunk_size: '20000' }
  const next = follow(mine, was, now)
  expect(next.typed).toEqual({ ...mine, claim_size: '100' })
  expect(next.base).toEqual({ ...was, claim_size: 100 }) // send_rate is not what it was when one began
  // Once it is saved, both are the same, and what comes then is followed.
  const saved = follow({ ...next.typed, send_rate: '9' }, next.base, { ...now, send_rate: 9, chunk_size: 20_000 })
  expect(saved.base).toEqual({ ...now, send_rate: 9, chunk_size: 20_000 })
  expect(follow(saved.typed, saved.base, was).typed).toEqual(typedOf(was))
})
