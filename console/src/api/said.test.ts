import { expect, test } from 'vitest'
import { said } from './said'

test('a refusal says what is wrong', () => {
  expect(said({ title: 'Not found', detail: 'there is no such group' })).toBe('there is no such group')
  expect(said({ title: 'Not found' })).toBe('Not found')
  expect(said({ detail: 'too often', errors: null })).toBe('too often')
  expect(said({})).toBeUndefined()
})

test('a refusal says where', () => {
  const field = 'search'
  expect(said({ detail: 'validation failed', errors: [{ field, message: 'expected length <= 200' }] })).toBe('validation failed (search: expected length <= 200)')
  expect(said({ detail: 'must not be empty', errors: [{ field: 'name', message: 'must not be empty' }] })).toBe('name: must not be empty')
  expect(said({ detail: 'a', errors: [{ field: 'x', message: 'a' }, { field: 'y', message: 'b' }] })).toBe('x: a; y: b')
  expect(said({ detail: 'a', errors: [{ message: 'b' }] })).toBe('a')
  expect(said({ errors: [{ line: 3, message: 'is no number' }] })).toBe('#3: is no number')
})
