import { Alert, Card, Flex, Spin, Tabs } from 'antd'
import { useParams, useSearchParams } from 'react-router'
import type { Campaign } from '../../api/client'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading } from '../../ui/states'
import { Status } from '../../ui/status'
import { Actions, useAct } from './actions'
import { Details } from './details'
import { Progress } from './progress'
import { type Ending, useCampaign } from './read'
import { Recipients } from './recipients'
import { Report } from './report'

export function OneCampaign() {
  const biz = useBiz()
  const id = useParams().id ?? ''
  const { campaign, report, status } = useCampaign(biz, id)
  if (campaign.isPending) return <Loading />
  if (!campaign.data) return <Failure error={campaign.error} retry={() => void campaign.refetch()} />
  return <Shown key={id} biz={biz} campaign={campaign.data} report={report} status={status} />
}

const tabs = ['report', 'recipients', 'details'] as const

function Shown({ biz, campaign: c, report, status }: { biz: string; campaign: Campaign; report: ReturnType<typeof useCampaign>['report']; status: string }) {
  const { t, number } = useSpeech()
  const { can } = useSession()
  const [params, setParams] = useSearchParams()
  const id = String(c.id)
  const act = useAct(biz, id, { seq: c.seq, status })
  const draft = status === 'created'
  const launching = act.isPending && act.variables === 'launch' && draft
  const tab = tabs.find((x) => x === params.get('tab')) ?? 'report'
  const to = (e: Ending | '') => `?${new URLSearchParams({ tab: 'recipients', ...(e && { status: e }) })}`
  const books = report.data
  const frozen = books !== undefined && Number(books.audience) > 0
  const started = c.started_at ?? books?.started_at
  return (
    <Page title={c.name} actions={<Actions biz={biz} campaign={c} status={status} pending={frozen ? String(books.pending) : undefined} act={act} />}>
      {act.error && <Failure error={act.error} />}
      {c.reason && <Failure error={new Error(c.reason)} />}
      {launching ? (
        <Gathering text={`${t('campaigns.launching')}…`} />
      ) : (
        <>
          {draft && <Alert type="info" showIcon title={t('campaigns.draft')} description={t(can('operator') ? 'campaigns.draftHelp' : 'campaigns.draftViewer')} />}
          {!draft && report.error && !books && <Failure error={report.error} retry={() => void report.refetch()} />}
          {!draft && frozen && <Progress report={books} status={status} at={report.dataUpdatedAt} to={to} />}
          {!draft && !frozen && books && <Unfrozen status={status} started={started} />}
        </>
      )}
      {draft || !started ? (
        <Details biz={biz} campaign={c} />
      ) : (
        <Tabs
          activeKey={tab}
          onChange={(key) => setParams({ tab: key }, { replace: true })}
          destroyOnHidden
          items={[
            { key: 'report', label: t('campaigns.tab.report'), children: books ? <Report biz={biz} id={id} report={books} to={to} /> : <Loading /> },
            {
              key: 'recipients',
              label: `${t('campaigns.tab.recipients')}${frozen ? ` (${number(String(books.audience))})` : ''}`,
              children: books ? <Recipients biz={biz} id={id} report={books} sending={['sending', 'freezing'].includes(status)} /> : <Loading />,
            },
            { key: 'details', label: t('campaigns.tab.details'), children: <Details biz={biz} campaign={c} /> },
          ]}
        />
      )}
    </Page>
  )
}

function Gathering({ text }: { text: string }) {
  return (
    <Card>
      <Flex gap={12} align="center" role="status">
        <Spin />
        {text}
      </Flex>
    </Card>
  )
}

/** Before the audience is known, or where there is none. */
function Unfrozen({ status, started }: { status: string; started?: string | null }) {
  const { t } = useSpeech()
  if (status === 'freezing' || status === 'sending') return <Gathering text={t('campaigns.freezing')} />
  const word = status === 'completed' ? 'campaigns.nobody' : status === 'paused' ? 'campaigns.pausedEarly' : started ? 'campaigns.stopped' : 'campaigns.neverLaunched'
  return (
    <Card>
      <Flex align="center" gap={12} wrap>
        <Status of={status} />
        {t(word)}
      </Flex>
    </Card>
  )
}
