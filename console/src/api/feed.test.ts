import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { freshen, merged } = await import('./feed')

type Row = { id: number | string; name: string }
type List = import('./feed').List<Row>

const row = (id: number | string, name = 'old'): Row => ({ id, name })
const rows = (ids: (number | string)[], name?: string) => ids.map((id) => row(id, name))
const names = (list: List | undefined) => list?.pages.map((p) => p.items.map((g) => `${g.id} ${g.name}`))
const list: List = { pages: [{ items: rows([9, 8]), next: '8' }, { items: rows([7, 5]), next: '5' }, { items: rows([4, 3]) }], pageParams: [undefined, '8', '5'] }

test('the newest page says everything about the ids that it spans', () => {
  const big = '9007199254740999'
  expect(names(merged(list, { items: [row(big, 'big'), row(10, 'new'), row(9, 'now')], next: '9' }))).toEqual([[`${big} big`, '10 new', '9 now', '8 old'], ['7 old', '5 old'], ['4 old', '3 old']])
  expect(names(merged(list, { items: rows([9, 7], 'now'), next: '7' }))).toEqual([['9 now', '7 now'], ['5 old'], ['4 old', '3 old']]) // 8 is no longer like that
  expect(names(list)?.[0]).toEqual(['9 old', '8 old'])
})

test('others change in their places, come into them, and go', () => {
  const top = { items: rows([9, 8]), next: '8' }
  const now = merged(list, top, new Map([['7', undefined], ['3', row(3, 'now')], ['6', row(6, 'new')], ['2', row(2, 'new')]]))
  expect(names(now)).toEqual([['9 old', '8 old'], ['6 new', '5 old'], ['4 old', '3 now', '2 new']])
  expect(now.pages.map((p) => p.next)).toEqual(['8', '5', undefined])
  const cut = { pages: list.pages.slice(0, 2), pageParams: list.pageParams.slice(0, 2) }
  expect(names(merged(cut, top, new Map([['2', row(2, 'new')]])))).toEqual([['9 old', '8 old'], ['7 old', '5 old']]) // 2 comes with its page
})

test('a list that has become one page is that page', () => {
  const now = merged(list, { items: [row(9, 'now')] })
  expect(now).toEqual({ pages: [{ items: [row(9, 'now')] }], pageParams: [undefined] })
})

const news = (...ids: string[]) => ({ ids: new Set(ids), kinds: new Set(['group']), missed: false })
const missed = (before: number) => ({ ids: new Set<string>(), kinds: new Set<string>(), missed: true, before })

/** Asks a server that lists these rows, two on a page. */
const asking = (there: Row[]) =>
  vi.fn(async (cursor?: string, limit = 2) => {
    const items = there.filter((r) => !cursor || Number(r.id) < Number(cursor))
    return { items: items.slice(0, limit), next: items.length > limit ? String(items[limit - 1]?.id) : undefined }
  })

test('a long list is asked about what changed alone, and drops what is no longer like that', async () => {
  const client = new QueryClient()
  client.setQueryData(['groups', 'demo', 'building'], list)
  const ask = asking([row(10, 'new'), ...rows([9, 8, 7, 4]), row(3, 'now')]) // 5 became ready
  await freshen(client, ['groups', 'demo', 'building'], news('10', '5', '3'), ask)
  expect(ask.mock.calls).toEqual([[], ['6', 1], ['4', 1]])
  expect(names(client.getQueryData(['groups', 'demo', 'building']))).toEqual([['10 new', '9 old', '8 old'], ['7 old'], ['4 old', '3 now']])
  client.clear()
})

test('a short list is asked for again', async () => {
  const client = new QueryClient()
  const key = ['groups', 'demo']
  client.setQueryData(key, { pages: list.pages.slice(0, 1), pageParams: [undefined] })
  const ask = asking(rows([10, 9, 8]))
  const shown = new InfiniteQueryObserver(client, { queryKey: key, queryFn: () => ask(), initialPageParam: undefined, getNextPageParam: () => undefined, staleTime: Infinity })
  const off = shown.subscribe(() => {})
  await freshen(client, key, news('10'), ask)
  expect(names(client.getQueryData(key))).toEqual([['10 old', '9 old']])
  expect(ask).toHaveBeenCalledTimes(1)
  off()
  client.clear()
})

test('of a long list the newest page is asked for after a connection that was away, and the rest is stale', async () => {
  const client = new QueryClient()
  const key = ['groups', 'demo']
  client.setQueryData(key, list, { updatedAt: 1_000 })
  const ask = asking([row(10, 'new'), row(9, 'now'), ...rows([8, 7, 5, 4, 3])])
  const whole = vi.fn(() => ask())
  const shown = new InfiniteQueryObserver(client, { queryKey: key, queryFn: whole, initialPageParam: undefined, getNextPageParam: () => undefined, staleTime: Infinity })
  const off = shown.subscribe(() => {})
  await freshen(client, key, missed(1_000), ask)
  expect(ask).toHaveBeenCalledTimes(0) // it was answered since
  await freshen(client, key, missed(1_001), ask)
  expect(ask.mock.calls).toEqual([[]])
  expect(whole).toHaveBeenCalledTimes(0)
  expect(names(client.getQueryData(key))).toEqual([['10 new', '9 now', '8 old'], ['7 old', '5 old'], ['4 old', '3 old']])
  expect(client.getQueryState(key)?.isInvalidated).toBe(true)
  off()
  client.clear()
})

test('a short list that was answered since the connection opened is not asked for again', async () => {
  const client = new QueryClient()
  const key = ['groups', 'demo']
  client.setQueryData(key, { pages: list.pages.slice(0, 1), pageParams: [undefined] }, { updatedAt: 1_000 })
  const ask = asking(rows([10, 9, 8]))
  const shown = new InfiniteQueryObserver(client, { queryKey: key, queryFn: () => ask(), initialPageParam: undefined, getNextPageParam: () => undefined, staleTime: Infinity })
  const off = shown.subscribe(() => {})
  await freshen(client, key, missed(1_000), ask)
  expect(ask).toHaveBeenCalledTimes(0)
  await freshen(client, key, missed(1_001), ask)
  expect(ask).toHaveBeenCalledTimes(1)
  off()
  client.clear()
})
