import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import type { Report } from '../../api/client'
import type { Books } from '../../api/live'
import { mayReplace, takeBooks } from './books'

const queryKey = ['campaigns', 'demo', 'one', '7', 'report']
const books = (sent: number | string, failed: number | string = 0) => ({ campaign_id: 7, audience: 100, sent, failed, skipped: 0, unknown: 0 }) as unknown as Books & Report

test('books only go on', () => {
  expect(mayReplace(books(1), undefined)).toBe(true)
  expect(mayReplace(books(9, 1), books(8, 1))).toBe(true)
  expect(mayReplace(books('10'), books(9, 1))).toBe(true) // as many: something else may have changed
  expect(mayReplace(books(9), books(9, 1))).toBe(false)
})

test('an older answer does not overwrite newer books, nor do older books', async () => {
  const client = new QueryClient()
  const answers: ((r: Report) => void)[] = []
  const poll = new QueryObserver<Report>(client, { queryKey, queryFn: () => new Promise((resolve) => answers.push(resolve)), initialData: books(10), retry: false })
  const off = poll.subscribe(() => {})
  await takeBooks(client, queryKey, books(50))
  answers[0]?.(books(20)) // asked before
  await Promise.resolve()
  await takeBooks(client, queryKey, books(40))
  expect(client.getQueryState(queryKey)).toMatchObject({ data: { sent: 50 }, fetchStatus: 'idle', status: 'success' })
  expect(client.getQueryData(queryKey)).not.toHaveProperty('campaign_id')
  off()
  client.clear()
})

test('books that come before the first answer are taken', async () => {
  const client = new QueryClient()
  const off = new QueryObserver<Report>(client, { queryKey, queryFn: () => new Promise(() => {}) }).subscribe(() => {})
  await takeBooks(client, queryKey, books(5))
  expect(client.getQueryState(queryKey)).toMatchObject({ data: { sent: 5 }, status: 'success', error: null })
  off()
  client.clear()
})
