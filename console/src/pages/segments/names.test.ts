import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://muster' } })
const { ApiError } = await import('../../api/client')
const { isGone } = await import('./names')

test('only the server’s word says that there is no such group', () => {
  expect(isGone(new ApiError(404, { detail: 'there is no group 12' }))).toBe(true)
  for (const e of [new ApiError(503, { detail: 'an engine did not answer in time' }), new ApiError(500, {}), new TypeError('Failed to fetch')]) expect(isGone(e)).toBe(false)
})
