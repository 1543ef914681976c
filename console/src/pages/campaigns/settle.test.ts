import { QueryClient } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import type { Recipient } from '../../api/client'

vi.stubGlobal('window', { location: { origin: 'http://localhost' } })
const { settle } = await import('./settle')

const rows = (status: string, ...ids: number[]) => ids.map((user_id) => ({ user_id, status }) as Recipient)
const queryKey = ['campaigns', 'demo', '7', 'recipients', '']

test('of a long list only pages with pending users are asked for again', async () => {
  const client = new QueryClient()
  client.setQueryData(queryKey, {
    pages: [{ items: rows('sent', 1, 2), next: '2' }, { items: [...rows('sent', 3), ...rows('pending', 4)], next: '4' }, { items: rows('sent', 5, 6), next: '6' }, { items: rows('pending', 7) }],
    pageParams: [undefined, '2', '4', '6'],
  })
  const ask = vi.fn(async (cursor?: string) => (cursor === '2' ? { items: rows('sent', 3, 4), next: '4' } : { items: rows('failed', 7) }))
  await settle(client, queryKey, ask)
  expect(ask.mock.calls).toEqual([['2'], ['6']])
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
  await settle(client, queryKey, async (cursor = '0') => ({ items: left.filter((r) => Number(r.user_id) > Number(cursor)) }))
  expect(client.getQueryData(queryKey)).toMatchObject({ pages: [{ items: rows('pending', 2) }, { items: rows('pending', 4) }, { items: [] }] })
  client.clear()
})
