import { Flex, Progress, Typography } from 'antd'
import { Link } from 'react-router'
import type { Campaign, Report } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Status } from '../../ui/status'
import { span } from '../../i18n/units'

/** One campaign under way: how far, how fast, how long still. */
export function Running({ biz, campaign, report, rate }: { biz: string; campaign: Campaign; report?: Report; rate: number }) {
  const { t, number, language } = useSpeech()
  const audience = Number(report?.audience ?? campaign.audience)
  const pending = Number(report?.pending ?? audience)
  const done = audience - pending
  const about = [
    ...(audience > 0 ? [t('overview.done', { n: number(done), all: number(audience) })] : []),
    ...(rate >= 0.5 ? [t('overview.rate', { n: number(Math.round(rate)) }), ...(pending > 0 ? [t('overview.left', { t: span(language, (1000 * pending) / rate) })] : [])] : []),
  ]
  return (
    <Flex vertical gap={2}>
      <Flex justify="space-between" gap={8} align="baseline">
        <Link to={`/${biz}/campaigns/${campaign.id}`} style={{ overflowWrap: 'anywhere' }}>
          {campaign.name}
        </Link>
        <Status of={report?.status ?? campaign.status} />
      </Flex>
      <Progress percent={audience ? Math.floor((100 * done) / audience) : 0} aria-label={campaign.name} status={campaign.status === 'paused' ? 'normal' : 'active'} />
      <Typography.Text type="secondary">{about.join(' · ')}</Typography.Text>
    </Flex>
  )
}
