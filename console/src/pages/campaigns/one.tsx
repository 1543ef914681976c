import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Card, Descriptions, Flex, Progress, Statistic, Table } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useParams } from 'react-router'
import { api, data, once, type Report } from '../../api/client'
import { useLive } from '../../api/live'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading } from '../../ui/states'
import { Status } from '../../ui/status'

const endings = ['sent', 'failed', 'skipped', 'unknown', 'pending'] as const

export function OneCampaign() {
  const { t, number, time } = useSpeech()
  const biz = useBiz()
  const id = useParams().id ?? ''
  const path = { biz, id }
  useLive(biz, ['campaigns'])
  const campaign = useQuery({ queryKey: ['campaigns', biz, id], queryFn: () => data(api.GET('/v1/{biz}/campaigns/{id}', { params: { path } })) })
  const report = useQuery({ queryKey: ['campaigns', biz, id, 'report'], queryFn: () => data(api.GET('/v1/{biz}/campaigns/{id}/report', { params: { path } })) })
  if (campaign.isPending) return <Loading />
  if (campaign.error) return <Failure error={campaign.error} retry={() => void campaign.refetch()} />
  const c = campaign.data
  return (
    <Page title={c.name} actions={<Clicks biz={biz} id={id} status={report.data?.status ?? c.status} />}>
      {c.reason && <Failure error={new Error(c.reason)} />}
      <Card>
        <Descriptions
          column={{ xs: 1, sm: 2, lg: 3 }}
          items={[
            { key: 'status', label: t('groups.status'), children: <Status of={report.data?.status ?? c.status} /> },
            { key: 'template', label: t('campaigns.template'), children: c.template },
            { key: 'where', label: t('campaigns.where'), children: <code style={{ overflowWrap: 'anywhere' }}>{c.text}</code> },
            { key: 'started', label: t('campaigns.started'), children: time(c.started_at) },
            { key: 'completed', label: t('campaigns.ended'), children: time(c.completed_at) },
          ]}
        />
      </Card>
      {report.error && <Failure error={report.error} retry={() => void report.refetch()} />}
      {report.data && Number(report.data.audience) > 0 && <Books report={report.data} />}
      {report.data && Object.keys(report.data.by_code ?? {}).length > 0 && (
        <Card title={t('campaigns.codes')}>
          <Table size="small" pagination={false} rowKey="code" dataSource={Object.entries(report.data.by_code).map(([code, n]) => ({ code, n }))}
            columns={[{ title: t('campaigns.code'), dataIndex: 'code' }, { title: t('groups.count'), align: 'right', render: (_, r) => number(String(r.n)) }]} />
        </Card>
      )}
    </Page>
  )
}

/** How fast the books fill, over the last looks. */
function useRate(done: number): number {
  const looks = useRef<{ at: number; done: number }[]>([])
  const [rate, setRate] = useState(0)
  useEffect(() => {
    const now = performance.now()
    looks.current = [...looks.current.filter((l) => now - l.at < 10_000), { at: now, done }]
    const first = looks.current[0]
    if (first && now > first.at) setRate((1000 * (done - first.done)) / (now - first.at))
  }, [done])
  return rate
}

function Books({ report }: { report: Report }) {
  const { t, number } = useSpeech()
  const audience = Number(report.audience)
  const pending = Number(report.pending)
  const rate = useRate(audience - pending)
  const sending = report.status === 'sending' && rate > 0
  return (
    <Card>
      <Flex vertical gap={16}>
        <Progress percent={Math.floor((100 * (audience - pending)) / audience)} aria-label={t('campaigns.title')} />
        <Flex gap={32} wrap data-testid="books">
          <Statistic title={t('campaigns.audience')} value={number(audience)} />
          {endings.map((e) => (
            <Statistic key={e} title={t(`campaigns.${e}`)} value={number(String(report[e]))} />
          ))}
        </Flex>
        {sending && (
          <span role="status">
            {t('campaigns.rate', { n: number(Math.round(rate)) })} · {t('campaigns.left', { t: `${number(Math.ceil(pending / rate))} s` })}
          </span>
        )}
      </Flex>
    </Card>
  )
}

type Act = 'launch' | 'pause' | 'resume' | 'cancel'

function Clicks({ biz, id, status }: { biz: string; id: string; status: string }) {
  const { t } = useSpeech()
  const { can } = useSession()
  const client = useQueryClient()
  const { modal, message } = App.useApp()
  const act = useMutation({
    mutationFn: (what: Act) => {
      const params = { path: { biz, id }, header: once() }
      if (what === 'launch') return data(api.POST('/v1/{biz}/campaigns/{id}:launch', { params }))
      if (what === 'pause') return data(api.POST('/v1/{biz}/campaigns/{id}:pause', { params }))
      if (what === 'resume') return data(api.POST('/v1/{biz}/campaigns/{id}:resume', { params }))
      return data(api.POST('/v1/{biz}/campaigns/{id}:cancel', { params }))
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['campaigns', biz] }),
    onError: (e) => void message.error(e.message),
  })
  if (!can('operator')) return null
  const going = ['launched', 'freezing', 'sending', 'paused'].includes(status)
  return (
    <>
      {status === 'draft' && (
        <Button type="primary" onClick={() => void modal.confirm({ title: t('campaigns.launchAsk'), okText: t('campaigns.launch'), onOk: () => act.mutate('launch') })}>
          {t('campaigns.launch')}
        </Button>
      )}
      {going && status !== 'paused' && <Button onClick={() => act.mutate('pause')}>{t('campaigns.pause')}</Button>}
      {status === 'paused' && <Button onClick={() => act.mutate('resume')}>{t('campaigns.resume')}</Button>}
      {going && (
        <Button danger onClick={() => void modal.confirm({ title: t('campaigns.cancel'), onOk: () => act.mutate('cancel') })}>
          {t('campaigns.cancel')}
        </Button>
      )}
    </>
  )
}
