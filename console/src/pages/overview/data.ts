// What the overview and the list of what is stuck ask the server for.
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { again, caughtUp, lacks } from '../../api/again'
import { useNews as useHeard } from '../../api/changes'
import { api, type Campaign, data, type Report } from '../../api/client'
import { type Books, useStream } from '../../api/live'
import type { News } from '../../api/rounds'
import { takeBooks } from '../campaigns/books'
import { reportKey } from '../campaigns/read'
import { distinct } from './distinct'

const most = 20 // campaigns of a status that are looked at

const statuses = ['sending', 'freezing', 'paused', 'failed'] as const

const reportOf = (biz: string, id: string) => ({
  queryKey: reportKey(biz, id),
  queryFn: () => data(api.GET('/v1/{biz}/campaigns/{id}/report', { params: { path: { biz, id } } })) as Promise<Report>,
})

/** Campaigns under way, paused or failed, the newest first, with the counts of those that send. */
export function useCampaigns(biz: string) {
  const lists = useQueries({
    queries: statuses.map((status) => ({
      queryKey: ['campaigns', biz, 'of', status],
      queryFn: () => data(api.GET('/v1/{biz}/campaigns', { params: { path: { biz }, query: { status, limit: most } } })),
    })),
  })
  const all = distinct(lists.map((l) => ({ at: l.dataUpdatedAt, items: (l.data?.items ?? []) as Campaign[] })))
  const running = all.filter((c) => c.status !== 'failed').sort((a, b) => Number(b.id) - Number(a.id))
  const counted = useQueries({ queries: running.map((c) => reportOf(biz, String(c.id))) })
  const reports: Record<string, Report | undefined> = {}
  running.forEach((c, i) => {
    reports[String(c.id)] = counted[i]?.data
  })
  return {
    all, running, reports,
    isPending: lists.some((l) => l.isPending),
    error: lists.find((l) => l.error)?.error ?? null,
    retry: () => lists.forEach((l) => void l.refetch()),
  }
}

export const useTotals = (biz: string) =>
  useQuery({ queryKey: ['totals', biz], queryFn: () => data(api.GET('/v1/{biz}/totals', { params: { path: { biz } } })), refetchInterval: 30_000 })

export const useGroupsOf = (biz: string, status: 'failed' | 'building') =>
  useQuery({ queryKey: ['groups', biz, 'of', status], queryFn: () => data(api.GET('/v1/{biz}/groups', { params: { path: { biz }, query: { status, limit: 50 } } })), refetchInterval: 60_000 })

const soon = 1_000 // milliseconds after news until it is asked for again

/** What news are about, as the first words of what was asked. An import writes all the time: its users are counted now and then. */
export function about({ kinds, missed }: Pick<News, 'kinds' | 'missed'>): string[] {
  const groups = missed || kinds.has('group')
  const campaigns = missed || kinds.has('campaign')
  return ['totals', ...(groups ? ['groups'] : []), ...(campaigns ? ['campaigns'] : [])]
}

/** Keeps all of it as it is now. Counts come with the stream; only news of groups, campaigns and the like is asked for. */
export function useNews(biz: string): void {
  const client = useQueryClient()
  useHeard(['group', 'campaign', 'template'], async (heard) => {
    const news = await caughtUp(biz, heard)
    await Promise.all(about(news).map((key) => again(client, { queryKey: [key, biz] }, (q) => lacks(news, q))))
  }, soon)
  useStream((kind, what) => {
    if (kind !== 'books') return
    const books = what as Books & Report
    void takeBooks(client, reportKey(biz, String(books.campaign_id)), books)
  })
}
