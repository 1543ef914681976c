import { expect, test } from 'vitest'
import { verdict } from './verdict'

const now = Date.parse('2026-01-01T12:00:00Z')
const c = { pending: 0, in_hand: 0, redelivered: 0, waiting: 1, last_at: '2026-01-01T11:59:00Z', oldest_at: '2026-01-01T11:00:00Z' }

test('a consumer is stuck where its work does not move', () => {
  expect(verdict({ ...c, last_at: undefined, oldest_at: undefined }, now)).toBe('idle')
  expect(verdict({ ...c, in_hand: 3, last_at: '2026-01-01T01:00:00Z' }, now)).toBe('working')
  expect(verdict({ ...c, pending: '9007199254740993', in_hand: 3 }, now)).toBe('working')
  expect(verdict({ ...c, pending: 5, in_hand: 3, last_at: '2026-01-01T11:00:00Z' }, now)).toBe('still')
  expect(verdict({ ...c, pending: 5, in_hand: 3, redelivered: 1 }, now)).toBe('retrying')
  expect(verdict({ ...c, pending: 5, waiting: 0 }, now)).toBe('unattended')
})
