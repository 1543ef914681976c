// A campaign's books as they fill.
import { Card, Flex, theme, Tooltip, Typography } from 'antd'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import type { Report } from '../../api/client'
import { useSpeech } from '../../i18n'
import { span } from '../../i18n/units'
import { Status } from '../../ui/status'
import { useColors } from './outcomes'
import { looked, type Look, rateOf } from './rate'
import { type Ending, endings } from './read'
import { useShare } from './share'

/** Users per second while it sends; 0 while nobody knows. */
function useRate(done: number, at: number, sending: boolean): number {
  const [looks, setLooks] = useState<Look[]>([])
  const [now, tick] = useState(0)
  useEffect(() => setLooks((before) => (sending ? looked(before, { at, done }) : [])), [at, done, sending])
  useEffect(() => {
    if (!sending) return
    const timer = setInterval(() => tick(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [sending])
  return sending ? rateOf(looks, now) : 0
}

type Props = { report: Report; status: string; at: number; to: (e: Ending | '') => string }

export function Progress({ report, status, at, to }: Props) {
  const { t, number } = useSpeech()
  const said = useShare()
  const { token } = theme.useToken()
  const colors = useColors()
  const audience = Number(report.audience)
  const pending = Number(report.pending)
  const share = (e: Ending) => (audience ? Number(report[e]) / audience : 0)
  const parts = endings.filter((e) => Number(report[e]) > 0).map((e) => `${t(`campaigns.${e}`)} ${number(String(report[e]))}`)
  return (
    <Card>
      <Flex vertical gap={16}>
        <Flex justify="space-between" align="center" gap={8} wrap>
          <Flex align="center" gap={12}>
            <Typography.Text strong style={{ fontSize: 20, fontVariantNumeric: 'tabular-nums' }}>
              {said(audience - pending, audience)}
            </Typography.Text>
            <Status of={status} />
          </Flex>
          <Pace report={report} status={status} at={at} />
        </Flex>
        <Flex role="img" aria-label={t('campaigns.ring', { n: number(String(report.audience)), parts: parts.join(', ') })}
          style={{ height: 12, borderRadius: 6, overflow: 'hidden', background: token.colorFillSecondary }}>
          {endings.filter((e) => e !== 'pending').map((e) => (
            <div key={e} style={{ width: `${100 * share(e)}%`, minWidth: Number(report[e]) > 0 ? 2 : 0, background: colors[e], transition: 'width 400ms' }} />
          ))}
        </Flex>
        <div data-testid="books" style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(104px, 1fr))', gap: 16 }}>
          <Count name={t('campaigns.audience')} n={number(String(report.audience))} to={to('')} />
          {endings.map((e) => (
            <Count key={e} name={t(`campaigns.${e}`)} n={number(String(report[e]))} to={to(e)} color={colors[e]}
              help={e === 'unknown' ? t('campaigns.unknownHelp') : undefined} share={audience ? said(Number(report[e]), audience) : undefined} />
          ))}
        </div>
      </Flex>
    </Card>
  )
}

function Count({ name, n, to, color, help, share }: { name: string; n: string; to: string; color?: string; help?: string; share?: string }) {
  return (
    <Tooltip title={help}>
      <Link to={to} style={{ display: 'block', color: 'inherit' }}>
        <Flex align="center" gap={6}>
          {color && <span aria-hidden="true" style={{ width: 10, height: 10, borderRadius: 2, background: color, flex: 'none' }} />}
          <Typography.Text type="secondary">{name}</Typography.Text>
        </Flex>
        <Flex align="baseline" gap={6} wrap>
          <span style={{ fontSize: 20, fontVariantNumeric: 'tabular-nums' }}>{n}</span>
          {share && <Typography.Text type="secondary" style={{ fontSize: 12 }}>{share}</Typography.Text>}
        </Flex>
      </Link>
    </Tooltip>
  )
}

/** How fast it goes and how long it still takes; at the end, how long it took. */
function Pace({ report, status, at }: Pick<Props, 'report' | 'status' | 'at'>) {
  const { t, number, language } = useSpeech()
  const pending = Number(report.pending)
  const rate = useRate(Number(report.audience) - pending, at, status === 'sending')
  if (report.started_at && report.completed_at) {
    const took = Date.parse(report.completed_at) - Date.parse(report.started_at)
    return <Typography.Text type="secondary">{t('campaigns.took', { t: span(language, took) })}</Typography.Text>
  }
  if (status !== 'sending' || pending === 0) return null
  return (
    <Typography.Text type="secondary" data-testid="pace" style={{ fontVariantNumeric: 'tabular-nums' }}>
      {rate > 0 ? `${t('campaigns.rate', { n: number(Math.round(rate)) })} · ${t('campaigns.left', { t: span(language, 1000 * Math.ceil(pending / rate)) })}` : t('campaigns.waiting')}
    </Typography.Text>
  )
}
