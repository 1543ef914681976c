// What the overview and the list of what is stuck ask the server for.
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, type Campaign, data, type Event, type Report } from '../../api/client'
import { type Books, useStream } from '../../api/live'

const most = 20 // campaigns of a status that are looked at

const statuses = ['sending', 'freezing', 'paused', 'failed'] as const

const reportOf = (biz: string, id: string) => ({
  queryKey: ['campaigns', biz, id, 'report'],
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
  const all = lists.flatMap((l) => (l.data?.items ?? []) as Campaign[])
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

/** Keeps all of it as it is now. Counts come with the stream; only news of groups, campaigns and the like is asked for. */
export function useNews(biz: string): void {
  const client = useQueryClient()
  const due = useRef<ReturnType<typeof setTimeout>>(undefined)
  const keys = useRef(new Set<string>())
  useEffect(() => () => clearTimeout(due.current), [])
  useStream((kind, what) => {
    if (kind === 'books') {
      const books = what as Books
      client.setQueryData(['campaigns', biz, String(books.campaign_id), 'report'], books)
      return
    }
    const aggregate = kind === 'event' ? (what as Event).aggregate : 'all'
    for (const [key, of] of [['groups', 'group'], ['campaigns', 'campaign'], ['totals', 'group campaign template upload']] as const)
      if (aggregate === 'all' || of.split(' ').includes(aggregate)) keys.current.add(key)
    if (keys.current.size > 0)
      due.current ??= setTimeout(() => {
        due.current = undefined
        for (const key of keys.current) void client.invalidateQueries({ queryKey: [key, biz] })
        keys.current.clear()
      }, soon)
  })
}
