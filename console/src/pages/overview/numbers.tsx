import { Card, Col, Flex, Row, Skeleton, Typography } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Totals } from '../../api/client'
import { useSession } from '../../app/session'
import { useProjections } from '../../api/projections'
import { useSpeech } from '../../i18n'

/** How much there is of everything, and how far behind it is. */
export function Numbers({ biz, totals, away }: { biz: string; totals?: Totals; away: boolean }) {
  const { t, number } = useSpeech()
  const { can } = useSession()
  const projections = useProjections()
  const all = projections.data?.items ?? []
  const behind = Math.max(0, ...all.map((p) => Number(p.lag)))
  const stopped = all.some((p) => p.error)
  const count = (n: number | string | undefined) => (n === undefined ? away && '–' : number(String(n)))
  const some = (n: number | string | undefined, word: 'overview.building' | 'overview.underWay') => (Number(n ?? 0) > 0 ? t(word, { n: number(String(n)) }) : '')
  const model = !projections.data ? projections.failureReason && '–' : (stopped ? t('overview.halted') : behind > 0 ? t('overview.behind', { n: number(behind) }) : t('overview.current'))
  return (
    <Row gutter={[16, 16]}>
      <Fact title={t('overview.users')} value={count(totals?.users)} to={`/${biz}/users`} />
      <Fact title={t('overview.groups')} value={count(totals?.groups)} more={some(totals?.groups_building, 'overview.building')} to={`/${biz}/groups`} />
      <Fact title={t('overview.campaigns')} value={count(totals?.campaigns)} more={some(totals?.campaigns_under_way, 'overview.underWay')} to={`/${biz}/campaigns`} />
      <Fact title={t('overview.projections')} value={model} small danger={stopped} to={can('admin') ? `/${biz}/operations?tab=projections` : undefined} />
    </Row>
  )
}

type Props = { title: string; value?: ReactNode; more?: string; to?: string; small?: boolean; danger?: boolean }

function Fact({ title, value, more, to, small, danger }: Props) {
  return (
    <Col xs={12} lg={6}>
      <Card size="small" style={{ height: '100%' }}>
        <Flex vertical gap={4}>
          {to ? <Link to={to}>{title}</Link> : <Typography.Text type="secondary">{title}</Typography.Text>}
          {!value ? (
            <Skeleton.Node active style={{ width: 80, height: 30 }} />
          ) : (
            <Flex gap={8} align="baseline" wrap style={{ minHeight: 32 }}>
              <Typography.Text strong type={danger ? 'danger' : undefined} style={{ fontSize: small ? 16 : 22, fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere' }}>
                {value}
              </Typography.Text>
              {more && <Typography.Text type="secondary">{more}</Typography.Text>}
            </Flex>
          )}
        </Flex>
      </Card>
    </Col>
  )
}
