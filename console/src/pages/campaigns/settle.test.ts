import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import type { Recipient } from '../../api/client'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { settle } = await import('./settle')

afterEach(() => void vi.useRealTimers())

const rows = (status: string, ...ids: number[]) => ids.map((user_id) => ({ user_id, status }) as Recipient)
const queryKey = ['campaigns', 'demo', '7', 'recipients', '']

test('of a long list only pages with pending users are asked for again', async () => {
  const client = new QueryClient()
  client.setQueryData(queryKey, {
    pages: [{ items: rows('sent', 1, 2), next: '2' }, { items: [...rows('sent', 3), ...rows('pending', 4)], next: '4' }, { items: rows('sent', 5, 6), next: '6' }, { items: rows('pending', 7) }],
    pageParams: [undefined, '2', '4', '6'],
  })
  const ask = vi.fn(async (cursor?: string) => (cursor === '2' ? { items: rows('sent', 3, 4), next: '4' } : { items: rows('failed', 7) }))
  await settle(client, queryKey, ask, new AbortController().signal)
  expect(ask.mock.calls.map(([cursor]) => cursor)).toEqual(['2', '6'])
  expect(client.getQueryData(queryKey)).toEqual({
    pages: [{ items: rows('sent', 1, 2), next: '2' }, { items: rows('sent', 3, 4), next: '4' }, { items: rows('sent', 5, 6), next: '6' }, { items: rows('failed', 7) }],
    pageParams: [undefined, '2', '4', '6'],
  })
  client.clear()
})

test('nobody is listed twice where the pending alone are listed', async () => {
  const client = new QueryClient()
  client.setQueryData(queryKey, { pages: [{ items: rows('pending', 1, 2), next: '2' }, { items: rows('pending', 3, 4), next: '4' }, { items: rows('pending', 5) }], pageParams: [undefined, '2', '4'] })
  const left = rows('pending', 2, 4) // paused
  await settle(client, queryKey, async (cursor = '0') => ({ items: left.filter((r) => Number(r.user_id) > Number(cursor)) }), new AbortController().signal)
  expect(client.getQueryData(queryKey)).toMatchObject({ pages: [{ items: rows('pending', 2) }, { items: rows('pending', 4) }, { items: [] }] })
  client.clear()
})

test('a server that is away is waited for until it answers', async () => {
  vi.useFakeTimers()
  const client = new QueryClient()
  client.setQueryData(queryKey, { pages: [{ items: rows('pending', 1), next: '1' }, { items: rows('sent', 2), next: '2' }, { items: rows('sent', 3) }], pageParams: [undefined, '1', '2'] })
  const ask = vi.fn(async () => ({ items: rows('sent', 1), next: '1' }))
  for (let n = 0; n < 5; n++) ask.mockRejectedValueOnce(new TypeError('away'))
  const done = settle(client, queryKey, ask, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(60_000)
  await done
  expect(ask).toHaveBeenCalledTimes(6)
  expect(client.getQueryData(queryKey)).toMatchObject({ pages: [{ items: rows('sent', 1) }, { items: rows('sent', 2) }, { items: rows('sent', 3) }] })
  client.clear()
})

test('so it is for a short list', async () => {
  vi.useFakeTimers()
  const client = new QueryClient()
  client.setQueryData(queryKey, { pages: [{ items: rows('pending', 1) }], pageParams: [undefined] })
  const ask = vi.fn(async () => ({ items: rows('sent', 1) }))
  for (let n = 0; n < 5; n++) ask.mockRejectedValueOnce(new TypeError('away'))
  const shown = new InfiniteQueryObserver(client, { queryKey, queryFn: ask, initialPageParam: undefined, getNextPageParam: () => undefined, staleTime: Infinity, retry: 1, retryDelay: 100 })
  const off = shown.subscribe(() => {})
  const done = settle(client, queryKey, ask, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(60_000)
  await done
  expect(ask).toHaveBeenCalledTimes(6)
  expect(client.getQueryData(queryKey)).toMatchObject({ pages: [{ items: rows('sent', 1) }] })
  off()
  client.clear()
})

test('whoever has gone is not waited for', async () => {
  vi.useFakeTimers()
  const client = new QueryClient()
  client.setQueryData(queryKey, { pages: [{ items: rows('pending', 1), next: '1' }, { items: [], next: '2' }, { items: [] }], pageParams: [undefined, '1', '2'] })
  const ask = vi.fn(() => Promise.reject(new TypeError('away')))
  const gone = new AbortController()
  const done = settle(client, queryKey, ask, gone.signal).catch(() => 'gone')
  await vi.advanceTimersByTimeAsync(0)
  gone.abort()
  expect(await done).toBe('gone')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(ask).toHaveBeenCalledTimes(1)
  client.clear()
})
