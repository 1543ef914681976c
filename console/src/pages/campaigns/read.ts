// Reads a campaign and keeps it fresh: the stream brings its books while it sends, and says when something happens to it.
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { again, lacks } from '../../api/again'
import { useNews } from '../../api/changes'
import { api, type Campaign, data, type Report } from '../../api/client'
import { type Books, useStream } from '../../api/live'
import type { News } from '../../api/rounds'
import { takeBooks } from './books'
import { isBehind, statusOf } from './status'

export const underWay = ['freezing', 'sending', 'paused']
export const endings = ['sent', 'failed', 'skipped', 'unknown', 'pending'] as const
export type Ending = (typeof endings)[number]
export const statuses = ['created', 'freezing', 'sending', 'paused', 'completed', 'cancelled', 'failed'] as const

export const campaignKey = (biz: string, id: string) => ['campaigns', biz, 'one', id]
export const reportKey = (biz: string, id: string) => [...campaignKey(biz, id), 'report']
const historyKey = (biz: string, id: string) => [...campaignKey(biz, id), 'history']

const look = 5_000 // milliseconds after which one that may change is looked at, whatever the stream says
const soon = 1_000 // and after which one that is known to have changed is

/** When to look again at what was answered: while it is under way, while what was heard since is missing in it, and while another answer (beside) knows of more. */
export const lookAgain = (status: string | undefined, heard: string | undefined, held: string | undefined, beside?: string): number | false =>
  isBehind(status, beside) ? soon : status !== undefined && (underWay.includes(status) || heard !== held) ? look : false

/** Asks again for a campaign after news of it; heard is then the sequence that answers must know of. Its recipients are looked at elsewhere. */
export async function renew(client: QueryClient, biz: string, id: string, news: News, heard: { current: string | undefined }): Promise<void> {
  if (!news.missed && !news.ids.has(id)) return
  heard.current = news.seq ?? heard.current
  const keys = [campaignKey(biz, id), reportKey(biz, id)]
  // What was asked before would be answered without it.
  if (news.ids.has(id)) await Promise.all(keys.map((queryKey) => client.cancelQueries({ queryKey, exact: true })))
  await Promise.all([...keys, historyKey(biz, id)].map((queryKey) => again(client, { queryKey, exact: true }, (q) => lacks(news, q))))
}

export function useCampaign(biz: string, id: string) {
  const client = useQueryClient()
  const heard = useRef<string>(undefined) // the sequence of the log up to which there was news of it
  const held = useRef<{ one?: string; report?: string }>({}) // and up to which it was answered
  const read = <T>(what: 'one' | 'report', ask: (min_seq: string | undefined, signal: AbortSignal) => Promise<T>) => async ({ signal }: { signal: AbortSignal }) => {
    const seq = heard.current // the read model may not hold it yet: the answer waits until it does
    const answer = await ask(seq, signal)
    held.current[what] = seq
    return answer
  }
  useStream((kind, got) => {
    if (kind === 'books' && String((got as Books).campaign_id) === id) void takeBooks(client, reportKey(biz, id), got as Books & Report)
  })
  useNews(['campaign'], (news) => renew(client, biz, id, news, heard), 0)
  const campaign = useQuery<Campaign>({
    queryKey: campaignKey(biz, id),
    queryFn: read('one', (min_seq, signal) => data(api.GET('/v1/{biz}/campaigns/{id}', { params: { path: { biz, id }, query: { min_seq } }, signal }))),
    refetchInterval: (q) => lookAgain(q.state.data?.status, heard.current, held.current.one, client.getQueryData<Report>(reportKey(biz, id))?.status),
  })
  const report = useQuery<Report>({
    queryKey: reportKey(biz, id),
    queryFn: read('report', (min_seq, signal) => data(api.GET('/v1/{biz}/campaigns/{id}/report', { params: { path: { biz, id }, query: { min_seq } }, signal }))),
    refetchInterval: (q) => lookAgain(q.state.data?.status, heard.current, held.current.report, campaign.data?.status),
  })
  return { campaign, report, status: statusOf(campaign.data?.status ?? '', report.data) }
}
