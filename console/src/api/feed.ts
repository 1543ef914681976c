// Lists with the newest first, kept as they are now. A long one is not asked for again as a whole: that would be
// all its pages.
import { type InfiniteData, type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query'
import { again, caughtUp, few, lacks } from './again'
import { useNews } from './changes'
import type { Page } from './client'
import type { News } from './rounds'

type Row = { id: number | string }
export type List<T extends Row> = InfiniteData<Page<T>, string | undefined>

/** Asks for a page of the list, filtered as it is: rows with ids below the cursor. */
export type Ask<T extends Row> = (cursor?: string, limit?: number) => Promise<Page<T>>

const idOf = (row: Row) => BigInt(row.id)
const isBelow = (lowest: bigint | undefined) => (row: Row) => lowest !== undefined && idOf(row) < lowest

/**
 * The list with the newest page as it is now, which says everything about the ids that it spans, and with others
 * as they are now: undefined are those that the list no longer has.
 */
export function merged<T extends Row>(list: List<T>, top: Page<T>, others: ReadonlyMap<string, T | undefined> = new Map()): List<T> {
  if (!top.next) return { pages: [top], pageParams: list.pageParams.slice(0, 1) }
  const below = isBelow(top.items.map(idOf).at(-1))
  const waiting = [...others.values()].filter((row): row is T => row !== undefined && below(row))
  const pages = list.pages.map((page, i) => {
    const old = page.items ?? []
    const last = page.next ? old.map(idOf).at(-1) : undefined
    const here = waiting.filter((row) => !page.next || (last !== undefined && idOf(row) >= last))
    for (const row of here) waiting.splice(waiting.indexOf(row), 1)
    const items = [...old.filter((row) => below(row) && !others.has(String(row.id))), ...here].sort((a, b) => (idOf(a) < idOf(b) ? 1 : -1))
    return { ...page, items: i === 0 ? [...top.items, ...items] : items }
  })
  return { ...list, pages }
}

const single = 20 // rows that are asked for one by one

/** Brings a list up to date after news. Where nobody knows what happened, that is its newest page; the others are stale. */
export async function freshen<T extends Row>(client: QueryClient, key: QueryKey, news: News, ask: Ask<T>): Promise<void> {
  const list = client.getQueryData<List<T>>(key)
  if (!list || list.pages.length <= few) return again(client, { queryKey: key, exact: true }, (q) => lacks(news, q))
  const query = client.getQueryCache().find({ queryKey: key, exact: true })
  if (query && !lacks(news, query)) return
  const top = await ask()
  const ids = [...news.ids].filter((id) => top.next && isBelow(top.items.map(idOf).at(-1))({ id }))
  if (ids.length > single) return again(client, { queryKey: key, exact: true })
  const others = new Map<string, T | undefined>()
  for (const id of ids) others.set(id, (await ask(String(BigInt(id) + 1n), 1)).items.find((row) => String(row.id) === id))
  await query?.promise?.catch(() => {}) // another page may be on its way
  client.setQueryData<List<T>>(key, (now) => now && merged(now, top, others))
  if (news.missed) await client.invalidateQueries({ queryKey: key, exact: true, refetchType: 'none' })
}

/** Keeps a list of aggregates of one kind as it is now. */
export function useFeed<T extends Row>(biz: string, kind: string, key: QueryKey, ask: Ask<T>): void {
  const client = useQueryClient()
  useNews([kind], async (heard) => freshen(client, key, await caughtUp(biz, heard), ask))
}
