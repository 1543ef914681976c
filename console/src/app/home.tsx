// Where there is no product line to show: none yet, or none of that name.
import { Button, Flex, Grid, Layout, Typography } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Link, Navigate } from 'react-router'
import { useLines } from '../api/lines'
import { useSpeech } from '../i18n'
import { Page } from '../ui/page'
import { Failure, Loading } from '../ui/states'
import { Choices } from './choices'
import { useSession } from './session'

const Define = lazy(async () => ({ default: (await import('../pages/operations/define')).Define }))

/** Goes on to the first product line that the key is for. */
export function Home() {
  const lines = useLines()
  const first = lines.data?.items?.[0]
  if (first) return <Navigate to={`/${first.biz}/overview`} replace />
  if (lines.data) return <NoLineYet />
  return lines.error ? <Failure error={lines.error} retry={() => void lines.refetch()} /> : <Loading />
}

function NoLineYet() {
  const { t } = useSpeech()
  const { biz, can } = useSession()
  const [making, setMaking] = useState(false)
  const may = biz === '*' && can('admin')
  return (
    <Bare>
      <Page title={t('app.noLines')}>
        <Typography.Text>{t(may ? 'app.noLinesMake' : 'app.noLinesAsk')}</Typography.Text>
        {may && (
          <div>
            <Button type="primary" onClick={() => setMaking(true)}>
              {t('operations.lineNew')}
            </Button>
          </div>
        )}
      </Page>
      <Suspense>{making && <Define line={null} close={() => setMaking(false)} />}</Suspense>
    </Bare>
  )
}

export function NoSuchLine({ biz }: { biz: string }) {
  const { t } = useSpeech()
  return (
    <Bare>
      <Page title={t('app.noLine')}>
        <Typography.Text style={{ overflowWrap: 'anywhere' }}>{t('app.noLineWhy', { biz })}</Typography.Text>
        <Link to="/">{t('app.toOverview')}</Link>
      </Page>
    </Bare>
  )
}

/** The frame without a product line in it. */
function Bare({ children }: { children: ReactNode }) {
  const wide = Grid.useBreakpoint().lg ?? true
  return (
    <Layout style={{ minHeight: '100vh' }}>
      <Layout.Header style={{ paddingInline: 16, height: 'auto', lineHeight: 'normal', background: 'transparent' }}>
        <Flex align="center" justify="space-between" wrap gap={8} style={{ paddingBlock: 10 }}>
          <Typography.Text strong style={{ fontSize: 18 }}>
            Muster
          </Typography.Text>
          <Choices wide={wide} />
        </Flex>
      </Layout.Header>
      <Layout.Content style={{ padding: '24px 16px 32px' }}>
        <div style={{ maxWidth: 720, marginInline: 'auto' }}>{children}</div>
      </Layout.Content>
    </Layout>
  )
}
