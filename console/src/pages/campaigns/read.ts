// Reads a campaign and keeps it fresh: the stream brings its books while it sends, and says when something happens to it.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, data, type Event, type Report } from '../../api/client'
import { type Books, useStream } from '../../api/live'

export const underWay = ['freezing', 'sending', 'paused']
export const endings = ['sent', 'failed', 'skipped', 'unknown', 'pending'] as const
export type Ending = (typeof endings)[number]
export const statuses = ['created', 'freezing', 'sending', 'paused', 'completed', 'cancelled', 'failed'] as const

export const campaignKey = (biz: string, id: string) => ['campaigns', biz, 'one', id]
const reportKey = (biz: string, id: string) => [...campaignKey(biz, id), 'report']
const oneOf = (biz: string, id: string, min_seq?: string) => data(api.GET('/v1/{biz}/campaigns/{id}', { params: { path: { biz, id }, query: { min_seq } } }))
const reportOf = (biz: string, id: string, min_seq?: string) => data(api.GET('/v1/{biz}/campaigns/{id}/report', { params: { path: { biz, id }, query: { min_seq } } }))

const look = 5_000 // milliseconds after which one under way is looked at, whatever the stream says

export function useCampaign(biz: string, id: string) {
  const client = useQueryClient()
  useStream((kind, got) => {
    if (kind === 'open') void client.invalidateQueries({ queryKey: campaignKey(biz, id) })
    if (kind === 'books') {
      const { campaign_id, ...report } = got as Books & Report
      if (String(campaign_id) === id) client.setQueryData(reportKey(biz, id), report)
    }
    if (kind === 'event') {
      const e = got as Event
      if (e.aggregate !== 'campaign' || String(e.aggregate_id) !== id) return
      // The read model may not hold it yet: the answer waits until it does.
      const seq = String(e.seq)
      void client.fetchQuery({ queryKey: campaignKey(biz, id), queryFn: () => oneOf(biz, id, seq), staleTime: 0 }).catch(() => undefined)
      void client.fetchQuery({ queryKey: reportKey(biz, id), queryFn: () => reportOf(biz, id, seq), staleTime: 0 }).catch(() => undefined)
      void client.invalidateQueries({ queryKey: [...campaignKey(biz, id), 'history'] })
    }
  })
  const campaign = useQuery({ queryKey: campaignKey(biz, id), queryFn: () => oneOf(biz, id), refetchInterval: (q) => (q.state.data && underWay.includes(q.state.data.status) ? look : false) })
  const report = useQuery({
    queryKey: reportKey(biz, id),
    queryFn: () => reportOf(biz, id),
    refetchInterval: (q) => (q.state.data && underWay.includes(q.state.data.status) ? look : false),
  })
  // "Completed" is said beside closed books only, which the report sees to.
  const said = campaign.data?.status ?? ''
  const status = said === 'completed' ? (report.data?.status ?? said) : said
  return { campaign, report, status }
}
