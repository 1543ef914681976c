import { useQuery } from '@tanstack/react-query'
import { Alert, Card, Flex, Progress } from 'antd'
import { Link } from 'react-router'
import { api, data } from '../../api/client'
import { useLive } from '../../api/live'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading, Nothing } from '../../ui/states'
import { Status } from '../../ui/status'

const underWay = ['launched', 'freezing', 'sending', 'paused']

export function Overview() {
  const { t, number } = useSpeech()
  const biz = useBiz()
  useLive(biz, ['campaigns', 'groups', 'projections'])
  const campaigns = useQuery({
    queryKey: ['campaigns', biz, 'newest'],
    queryFn: () => data(api.GET('/v1/{biz}/campaigns', { params: { path: { biz }, query: { limit: 100 } } })),
  })
  const failed = useQuery({
    queryKey: ['groups', biz, 'failed'],
    queryFn: () => data(api.GET('/v1/{biz}/groups', { params: { path: { biz }, query: { status: 'failed', limit: 20 } } })),
  })
  const projections = useQuery({ queryKey: ['projections', biz], queryFn: () => data(api.GET('/v1/projections')), refetchInterval: 5_000 })

  const running = (campaigns.data?.items ?? []).filter((c) => underWay.includes(c.status))
  const stopped = (projections.data?.items ?? []).filter((p) => p.error)
  const behind = Math.max(0, ...(projections.data?.items ?? []).map((p) => Number(p.lag)))
  return (
    <Page title={t('overview.title')}>
      <Card title={t('overview.attention')}>
        <Flex vertical gap={8}>
          {stopped.map((p) => (
            <Alert key={p.name} type="error" showIcon title={t('overview.stopped', { name: p.name, why: p.error ?? '' })} />
          ))}
          {(failed.data?.items ?? []).map((g) => (
            <Link key={String(g.id)} to={`/${biz}/groups/${g.id}`}>
              <Alert type="warning" showIcon title={t('overview.failedGroup', { name: g.name, why: g.reason ?? '' })} />
            </Link>
          ))}
          {stopped.length === 0 && !failed.data?.items?.length && <span>{t('overview.fine')}</span>}
        </Flex>
      </Card>
      <Card title={t('overview.running')}>
        {campaigns.isPending && <Loading />}
        {campaigns.error && <Failure error={campaigns.error} retry={() => void campaigns.refetch()} />}
        {campaigns.data && running.length === 0 && <Nothing text={t('overview.none')} />}
        <Flex vertical gap={12}>
          {running.map((c) => (
            <Running key={String(c.id)} biz={biz} id={String(c.id)} name={c.name} />
          ))}
        </Flex>
      </Card>
      <Card title={t('overview.projections')}>
        {projections.error ? (
          <Failure error={projections.error} retry={() => void projections.refetch()} />
        ) : behind === 0 ? (
          t('overview.current')
        ) : (
          t('overview.behind', { n: number(behind) })
        )}
      </Card>
    </Page>
  )
}

function Running({ biz, id, name }: { biz: string; id: string; name: string }) {
  const report = useQuery({
    queryKey: ['campaigns', biz, id, 'report'],
    queryFn: () => data(api.GET('/v1/{biz}/campaigns/{id}/report', { params: { path: { biz, id } } })),
  })
  const audience = Number(report.data?.audience ?? 0)
  const done = audience - Number(report.data?.pending ?? 0)
  return (
    <Flex vertical>
      <Flex justify="space-between" gap={8} wrap>
        <Link to={`/${biz}/campaigns/${id}`} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Link>
        {report.data && <Status of={report.data.status} />}
      </Flex>
      <Progress percent={audience ? Math.floor((100 * done) / audience) : 0} aria-label={name} />
    </Flex>
  )
}
