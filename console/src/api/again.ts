// How what is shown is asked for again.
import type { InfiniteData, Query, QueryClient, QueryFilters } from '@tanstack/react-query'
import { api, data } from './client'
import type { News } from './rounds'

export const few = 2 // pages of a list that are simply asked for again

/** Whether so many pages of a list are there that asking again for all of them is much. */
export function isLong(query: Query): boolean {
  const { pages, pageParams } = (query.state.data ?? {}) as Partial<InfiniteData<unknown>>
  return Array.isArray(pages) && Array.isArray(pageParams) && pages.length > few
}

/** Whether what was answered may lack what was heard. */
export const lacks = ({ before }: Pick<News, 'before'>, query: Query): boolean => before === undefined || query.state.dataUpdatedAt < before

/** Asks again for what is shown of these. A question under way is not cut short: it is asked once more when it is answered. */
export async function again(client: QueryClient, of: QueryFilters, which: (query: Query) => boolean = () => true): Promise<void> {
  const early = new Set(client.getQueryCache().findAll({ ...of, type: 'active', fetchStatus: 'fetching', predicate: which }))
  await client.invalidateQueries({ ...of, predicate: which }, { cancelRefetch: false })
  if (early.size > 0) await client.invalidateQueries({ ...of, predicate: (q) => early.has(q) }, { cancelRefetch: false })
}

const atOnce = 250 // milliseconds within which a read model answers that did not have to catch up

const held = (biz: string, min_seq: string): Promise<unknown> => data(api.GET('/v1/{biz}/campaigns', { params: { path: { biz }, query: { limit: 1, min_seq } } }))

/** Waits until the read model holds what was heard; where that takes long, what there is must do. What was answered before lacks it. */
export async function caughtUp(biz: string, news: News, wait = held): Promise<News> {
  const began = Date.now()
  if (news.seq) await wait(biz, news.seq).catch(() => {})
  const now = Date.now()
  return news.before !== undefined && now - began > atOnce ? { ...news, before: now } : news
}
