import { Card, Flex, Spin, Typography } from 'antd'
import { lazy, Suspense } from 'react'
import { useSpeech } from '../../i18n'
import { Nothing } from '../../ui/states'

// Loaded with the first message that goes out: it is half as large as everything else together.
const Chart = lazy(() => import('./chart'))

/** How fast messages go out. */
export function Sends({ line }: { line: (number | null)[] }) {
  const { t, number } = useSpeech()
  return (
    <Card title={t('overview.sends')} style={{ height: '100%' }}>
      <Flex align="baseline" gap={8} wrap>
        <Typography.Text strong style={{ fontSize: 28, fontVariantNumeric: 'tabular-nums' }}>{number(Math.round(line.at(-1) ?? 0))}</Typography.Text>
        <Typography.Text type="secondary">{t('overview.sendsHow')}</Typography.Text>
      </Flex>
      <div style={{ minHeight: 200 }}>
        {line.some((n) => n) ? (
          <Suspense fallback={<Flex justify="center" align="center" style={{ height: 200 }}><Spin /></Flex>}>
            <Chart line={line} />
          </Suspense>
        ) : (
          <Nothing text={t('overview.quiet')} />
        )}
      </div>
    </Card>
  )
}
