import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://muster' } })
const { ApiError, Unreached } = await import('../api/client')
const { newOnce } = await import('./once')

const keyOf = (once: ReturnType<typeof newOnce>, change: unknown) => once.header(change)['Idempotency-Key']

test('the same change has the same key, another one has another', () => {
  const once = newOnce()
  const first = keyOf(once, { name: 'a', of: [1, 2] })
  expect(keyOf(once, { name: 'a', of: [1, 2] })).toBe(first)
  const second = keyOf(once, { name: 'b', of: [1, 2] })
  expect(second).not.toBe(first)
  expect(keyOf(newOnce(), { name: 'b', of: [1, 2] })).not.toBe(second)
})

test.each([
  ['a refusal', new ApiError(409, {})],
  ['a refusal of what it rests on', new ApiError(412, {})],
  ['a decided refusal, whatever its cause', new ApiError(503, { command_id: 'c' })],
])('after %s the same change is a new one', (_, error) => {
  const once = newOnce()
  const first = keyOf(once, 'change')
  once.failed(error)
  expect(keyOf(once, 'change')).not.toBe(first)
})

test.each([
  ['a network that is away', new Unreached()],
  ['a server that is away', new ApiError(502, {})],
  ['an answer that came too late', new ApiError(504, {})],
  ['too many questions', new ApiError(429, {})],
])('after %s the same change may be done already, and keeps its key; another has its own', (_, error) => {
  const once = newOnce()
  const first = keyOf(once, 'change')
  once.failed(error)
  expect(keyOf(once, 'change')).toBe(first)
  expect(keyOf(once, 'other')).not.toBe(first)
})
