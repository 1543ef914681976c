import { afterEach, beforeEach, expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { ApiError } = await import('../api/client')
const { answered } = await import('./patience')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const refused = (status: number) => new ApiError(status, {})

/** Fails with these, one after the other, and then answers. */
function failing(...errors: Error[]) {
  return vi.fn(async () => {
    const e = errors.shift()
    if (e) throw e
    return 'taken'
  })
}

test('a network that is away and a server that is are waited for, longer each time', async () => {
  const ask = failing(new TypeError('Failed to fetch'), refused(502), refused(504), refused(429))
  const answer = answered(ask, new AbortController().signal)
  for (const [ms, asked] of [[0, 1], [999, 1], [1, 2], [1_999, 2], [1, 3], [4_000, 4], [8_000, 5]] as const) {
    await vi.advanceTimersByTimeAsync(ms)
    expect(ask).toHaveBeenCalledTimes(asked)
  }
  await expect(answer).resolves.toBe('taken')
})

test('waits do not grow for ever', async () => {
  const ask = failing(...Array.from({ length: 20 }, () => new TypeError('Failed to fetch')))
  const answer = answered(ask, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(20 * 30_000)
  await expect(answer).resolves.toBe('taken')
})

test('a refusal ends it', async () => {
  const ask = failing(refused(404))
  await expect(answered(ask, new AbortController().signal)).rejects.toMatchObject({ status: 404 })
  expect(ask).toHaveBeenCalledTimes(1)
})

test('whoever leaves waits no more', async () => {
  const control = new AbortController()
  const ask = failing(new TypeError('Failed to fetch'), new TypeError('Failed to fetch'))
  const answer = answered(ask, control.signal)
  const ended = expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  await vi.advanceTimersByTimeAsync(500)
  control.abort()
  await ended
  await vi.advanceTimersByTimeAsync(60_000)
  expect(ask).toHaveBeenCalledTimes(1)
})
