import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const fetch = vi.fn<(request: Request) => Promise<Response>>()
vi.stubGlobal('window', { location: { origin: 'http://muster' } })
vi.stubGlobal('fetch', fetch)
const { decided, made } = await import('./decided')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  fetch.mockReset()
})

const signal = () => new AbortController().signal
const command = (status: string, more: object = {}) => async () => Response.json({ command_id: 'c', biz: 'shop', type: 'DefineTemplate', status, seq: '7', at: '2026-03-01T00:00:00Z', ...more })
const accepted = { command_id: 'c', seq: '5', status_url: '/v1/commands/c' }

test('a command is asked for until it is decided, by a network that is away, too', async () => {
  fetch.mockImplementationOnce(command('accepted')).mockRejectedValueOnce(new TypeError('Failed to fetch')).mockImplementationOnce(command('running')).mockImplementationOnce(command('completed'))
  const answer = decided('c', signal())
  await vi.runAllTimersAsync()
  await expect(answer).resolves.toMatchObject({ status: 'completed', seq: '7' })
  expect(fetch.mock.calls.map(([r]) => r.url)).toEqual(Array(4).fill('http://muster/v1/commands/c'))
})

test.each([
  [{ code: 'precondition_failed', reason: 'it was changed since' }, { status: 412, code: 'precondition_failed', message: 'it was changed since' }],
  [{ code: 'invalid', reason: 'is too long', field: 'page' }, { status: 400, problem: { errors: [{ field: 'page', message: 'is too long' }] } }],
  [{ code: 'conflict', reason: 'not now' }, { status: 409, problem: { command_id: 'c' } }],
  [{}, { status: 409 }],
])('a refusal fails as the answer itself would have: %o', async (why, error) => {
  fetch.mockImplementationOnce(command('accepted')).mockImplementationOnce(command('refused', why))
  const failed = expect(decided('c', signal())).rejects.toMatchObject(error)
  await vi.runAllTimersAsync()
  await failed
})

test('who leaves asks no more', async () => {
  const control = new AbortController()
  fetch.mockImplementation(command('running'))
  const ended = expect(decided('c', control.signal)).rejects.toMatchObject({ name: 'AbortError' })
  await vi.advanceTimersByTimeAsync(0)
  control.abort()
  await ended
  await vi.runAllTimersAsync()
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('an answer that says what was made is taken as it is', async () => {
  const [read, late] = [vi.fn(), vi.fn()]
  await expect(made({ id: 'ready' }, read, signal(), late)).resolves.toEqual({ id: 'ready' })
  expect(fetch).not.toHaveBeenCalled()
  expect(read).not.toHaveBeenCalled()
  expect(late).not.toHaveBeenCalled()
})

test('what was only accepted counts as made once it is decided', async () => {
  fetch.mockImplementationOnce(command('accepted')).mockImplementationOnce(command('completed'))
  const [read, late] = [vi.fn(async (min_seq: string) => ({ id: 'ready', min_seq })), vi.fn()]
  const answer = made<{ id: string }>(accepted, read, signal(), late)
  await vi.advanceTimersByTimeAsync(0)
  expect(late).toHaveBeenCalledTimes(1)
  expect(read).not.toHaveBeenCalled()
  await vi.runAllTimersAsync()
  await expect(answer).resolves.toEqual({ id: 'ready', min_seq: '7' })
})

test('what was accepted and then refused was not made', async () => {
  fetch.mockImplementationOnce(command('accepted')).mockImplementationOnce(command('refused', { code: 'precondition_failed', reason: 'it was changed since' }))
  const read = vi.fn()
  const failed = expect(made(accepted, read, signal())).rejects.toMatchObject({ status: 412 })
  await vi.runAllTimersAsync()
  await failed
  expect(read).not.toHaveBeenCalled()
})
