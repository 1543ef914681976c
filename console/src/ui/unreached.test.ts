import { expect, test, vi } from 'vitest'

const fetch = vi.fn<typeof globalThis.fetch>()
vi.stubGlobal('window', { location: { origin: 'http://muster' } })
vi.stubGlobal('fetch', fetch)
const { ApiError, api, data } = await import('../api/client')
const { unreached } = await import('./unreached')

const failed = async () => {
  try {
    await data(api.GET('/v1'))
  } catch (e) {
    return e as Error
  }
  throw new Error('it was answered')
}

test.each(['Failed to fetch', 'NetworkError when attempting to fetch resource.', 'Load failed'])('a request that says "%s" did not reach the server', async (words) => {
  fetch.mockRejectedValueOnce(new TypeError(words))
  expect(unreached(await failed())).toBe(true)
})

test('neither did an answer that broke off', async () => {
  const broken = new ReadableStream({ pull: (to) => to.error(new TypeError('network error')) })
  fetch.mockResolvedValueOnce(new Response(broken, { headers: { 'Content-Type': 'application/json' } }))
  expect(unreached(await failed())).toBe(true)
})

test('a question that is asked no more is no fault of the server', async () => {
  const given = new DOMException('The operation was aborted.', 'AbortError')
  fetch.mockRejectedValueOnce(given)
  const e = await failed()
  expect(e).toBe(given)
  expect(unreached(e)).toBe(false)
})

test('an answer was reached, whatever it says', async () => {
  fetch.mockResolvedValueOnce(Response.json({ detail: 'the import could not load' }, { status: 503 }))
  const e = await failed()
  expect(e).toBeInstanceOf(ApiError)
  expect(unreached(e)).toBe(false)
})

test.each([
  new TypeError('Failed to fetch dynamically imported module: http://muster/assets/index-1a2b.js'), // Chrome
  new TypeError('error loading dynamically imported module: http://muster/assets/index-1a2b.js'), // Firefox
  new TypeError('Importing a module script failed.'), // Safari
  new Error('Unable to preload CSS for /assets/index-1a2b.css'), // Vite
])('a part of the console was not loaded: %s', (e) => expect(unreached(e)).toBe(true))

test.each([
  new TypeError("Cannot read properties of undefined (reading 'loaded')"),
  new TypeError("undefined is not an object (evaluating 'x.fetch')"),
  new TypeError('can\'t access property "network", x is undefined'),
  new Error('the import of group 7 failed'),
  new Error('Failed to fetch'),
  new Error('Importing a module script failed.'),
])('what is at fault otherwise is said as it is: %s', (e) => expect(unreached(e)).toBe(false))
