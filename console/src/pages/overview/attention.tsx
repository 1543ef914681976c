import { Alert, Flex, Typography } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Group, Projection } from '../../api/client'
import { useSession } from '../../app/session'
import { useProjections } from '../../api/projections'
import { useSpeech } from '../../i18n'
import { Failure, Loading } from '../../ui/states'
import { ago } from '../../i18n/units'
import { useCampaigns, useGroupsOf, useNews } from './data'
import { type Finding, findings } from './findings'

const few = 5

/** What needs attention in a product line, each with a link to where something can be done. */
export function Attention({ biz }: { biz: string }) {
  const { t } = useSpeech()
  useNews(biz)
  const campaigns = useCampaigns(biz)
  const failed = useGroupsOf(biz, 'failed')
  const building = useGroupsOf(biz, 'building')
  const projections = useProjections()
  const [whole, setWhole] = useState(false)
  const asked = [failed, building, projections]
  const wrong = campaigns.error ?? asked.find((q) => !q.data && q.failureReason)?.failureReason // what is asked again and again is pending again after each failure
  if (!wrong && (campaigns.isPending || asked.some((q) => q.isPending))) return <Loading />
  const found = findings({
    projections: (projections.data?.items ?? []) as Projection[], failed: (failed.data?.items ?? []) as Group[], building: (building.data?.items ?? []) as Group[],
    campaigns: campaigns.all, reports: campaigns.reports,
  })
  const shown = whole ? found : found.slice(0, few)
  return (
    <Flex vertical gap={8}>
      {wrong && <Failure error={wrong} retry={() => { campaigns.retry(); for (const q of asked) void q.refetch() }} />}
      {shown.map((f) => <One key={f.key} biz={biz} finding={f} />)}
      {found.length > shown.length && <Typography.Link role="button" tabIndex={0} onClick={() => setWhole(true)} onKeyDown={(e) => e.key === 'Enter' && setWhole(true)}>{t('overview.more', { n: found.length - shown.length })}</Typography.Link>}
      {found.length === 0 && !wrong && <span>{t('overview.fine')}</span>}
    </Flex>
  )
}

function One({ biz, finding: f }: { biz: string; finding: Finding }) {
  const { t, language } = useSpeech()
  const { can } = useSession()
  const text = t(f.word, { ...f.values, ago: f.since ? ago(language, f.since) : '' })
  const words = <span style={{ overflowWrap: 'anywhere' }}>{text}</span>
  const open = !f.to.startsWith('operations') || can('admin')
  return <Alert type={f.type} showIcon title={open ? <Link to={`/${biz}/${f.to}`}>{words}</Link> : words} />
}
