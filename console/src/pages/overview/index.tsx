// What goes on in a product line, at a glance.
import { Card, Col, Flex, Row } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { type Books, useStream } from '../../api/live'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading, Nothing } from '../../ui/states'
import { Attention } from './attention'
import { useCampaigns, useTotals } from './data'
import { FirstSteps, isNew } from './firststeps'
import { Meter } from './meter'
import { Running } from './running'
import { Sends } from './sends'
import { Numbers } from './numbers'

/** The meter of what is sent, read once a second. */
function useMeter() {
  const meter = useRef<Meter>(null)
  meter.current ??= new Meter(Date.now())
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const every = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(every)
  }, [])
  useStream((kind, what) => {
    if (kind === 'books') meter.current?.add(what as Books, Date.now())
    if (kind === 'open') meter.current?.resume(Date.now())
  })
  return { line: meter.current.line(now), rate: (id: string) => meter.current?.rate(now, id) ?? 0 }
}

export function Overview() {
  const biz = useBiz()
  return <Line key={biz} biz={biz} />
}

function Line({ biz }: { biz: string }) {
  const { t } = useSpeech()
  const { can } = useSession()
  const meter = useMeter()
  const totals = useTotals(biz)
  const campaigns = useCampaigns(biz)
  const wrong = totals.data ? null : totals.failureReason // pending again while it is asked again
  const empty = totals.data && isNew(totals.data)
  return (
    <Page title={t('overview.title')}>
      {wrong && <Failure error={wrong} retry={() => void totals.refetch()} />}
      {empty && can('operator') && totals.data && <FirstSteps biz={biz} of={totals.data} />}
      <Numbers biz={biz} totals={totals.data} away={!!wrong} />
      <Row gutter={[16, 16]}>
        {!empty && (
          <Col xs={24} lg={13}>
            <Sends line={meter.line} />
          </Col>
        )}
        <Col xs={24} lg={empty ? 24 : 11}>
          <Card title={t('overview.attention')} style={{ height: '100%' }}>
            <Attention biz={biz} />
          </Card>
        </Col>
      </Row>
      {!empty && <Card title={t('overview.running')}>
        {campaigns.isPending && <Loading />}
        {campaigns.error && <Failure error={campaigns.error} retry={campaigns.retry} />}
        {!campaigns.isPending && !campaigns.error && campaigns.running.length === 0 && (
          <Nothing text={t('overview.none')}>
            <Link to={`/${biz}/campaigns`}>{t('overview.newCampaign')}</Link>
          </Nothing>
        )}
        <Flex vertical gap={20}>
          {campaigns.running.map((c) => (
            <Running key={String(c.id)} biz={biz} campaign={c} report={campaigns.reports[String(c.id)]} rate={meter.rate(String(c.id))} />
          ))}
        </Flex>
      </Card>}
    </Page>
  )
}
