// The frame around every page: navigation, product line, language, theme, who is signed in.
import { GlobalOutlined, LogoutOutlined, MenuOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Drawer, Flex, Grid, Layout, Menu, Select, Tooltip, Typography } from 'antd'
import { Suspense, useState } from 'react'
import { Link, Navigate, Outlet, useLocation, useNavigate, useParams } from 'react-router'
import { api, data } from '../api/client'
import { LiveStream, useConnected } from '../api/live'
import { useSpeech } from '../i18n'
import { Failure, Loading } from '../ui/states'
import type { Role } from './page'
import { pages } from './pages'
import { useSession } from './session'
import { useTheme } from './theme'

function useLines() {
  return useQuery({ queryKey: ['lines'], queryFn: () => data(api.GET('/v1')), staleTime: 60_000 })
}

/** The product line that this page is about, from its address. */
export function useBiz(): string {
  return useParams().biz ?? ''
}

/** Goes on to the key's product line, or the first one. */
export function Home() {
  const { biz } = useSession()
  const lines = useLines()
  if (biz !== '*') return <Navigate to={`/${biz}/overview`} replace />
  if (lines.error) return <Failure error={lines.error} retry={() => void lines.refetch()} />
  const first = lines.data?.items?.[0]
  return first ? <Navigate to={`/${first.biz}/overview`} replace /> : <Loading />
}

export function Line() {
  const { t } = useSpeech()
  const biz = useBiz()
  const wide = Grid.useBreakpoint().lg ?? true
  const [open, setOpen] = useState(false)
  return (
    <LiveStream biz={biz} key={biz}>
      <Layout style={{ minHeight: '100vh' }}>
        {wide ? (
          <Layout.Sider width={208} theme="light" style={{ position: 'sticky', top: 0, height: '100vh', overflowY: 'auto' }}>
            <Brand biz={biz} />
            <Navigation biz={biz} />
          </Layout.Sider>
        ) : (
          <Drawer placement="left" open={open} onClose={() => setOpen(false)} title={<Brand biz={biz} />} styles={{ body: { padding: 0 } }} size={260}>
            <Navigation biz={biz} went={() => setOpen(false)} />
          </Drawer>
        )}
        <Layout>
          <Layout.Header style={{ paddingInline: 16, height: 'auto', lineHeight: 'normal', background: 'transparent' }}>
            <Flex align="center" justify="space-between" wrap gap={8} style={{ paddingBlock: 10 }}>
              <Flex align="center" gap={8}>
                {!wide && <Button icon={<MenuOutlined />} aria-label={t('app.nav')} onClick={() => setOpen(true)} />}
                <Lines biz={biz} />
              </Flex>
              <Choices wide={wide} />
            </Flex>
          </Layout.Header>
          <Layout.Content style={{ padding: '0 16px 32px' }}>
            <Offline />
            <div style={{ maxWidth: 1280, marginInline: 'auto' }}>
              <Suspense fallback={<Loading />}>
                <Outlet />
              </Suspense>
            </div>
          </Layout.Content>
        </Layout>
      </Layout>
    </LiveStream>
  )
}

function Brand({ biz }: { biz: string }) {
  return (
    <Link to={`/${biz}/overview`} style={{ display: 'block', padding: '16px 24px' }}>
      <Typography.Text strong style={{ fontSize: 18 }}>
        Muster
      </Typography.Text>
    </Link>
  )
}

function Navigation({ biz, went }: { biz: string; went?: () => void }) {
  const { t } = useSpeech()
  const { can } = useSession()
  const here = useLocation().pathname.split('/')[2] ?? ''
  return (
    <nav aria-label={t('app.nav')}>
      <Menu
        mode="inline"
        selectedKeys={[here]}
        style={{ borderInlineEnd: 0 }}
        onClick={went}
        items={pages
          .filter((p) => can(p.role))
          .map((p) => ({ key: p.path, icon: p.icon, label: <Link to={`/${biz}/${p.path}`}>{t(p.title)}</Link> }))}
      />
    </nav>
  )
}

function Lines({ biz }: { biz: string }) {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const lines = useLines()
  return (
    <Select
      aria-label={t('app.line')}
      value={biz}
      style={{ minWidth: 160 }}
      popupMatchSelectWidth={false}
      onChange={(to) => void navigate(`/${to}/overview`)}
      options={(lines.data?.items ?? []).map((l) => ({ value: l.biz, label: l.name || l.biz }))}
    />
  )
}

function Choices({ wide }: { wide: boolean }) {
  const { t, language, speak } = useSpeech()
  const { dark, toggle } = useTheme()
  const { name, role } = useSession()
  const client = useQueryClient()
  const out = async () => {
    await api.DELETE('/v1/session')
    client.clear()
    window.location.assign('/')
  }
  const mode = t(dark ? 'app.light' : 'app.dark')
  return (
    <Flex gap={8} align="center">
      {wide && (
        <Typography.Text type="secondary" ellipsis style={{ maxWidth: 240 }} title={name}>
          {name || t(`app.${role as Role}`)}
        </Typography.Text>
      )}
      <Button icon={<GlobalOutlined />} lang={language === 'en' ? 'zh-CN' : 'en'} onClick={() => speak(language === 'en' ? 'zh' : 'en')}>
        {t('app.language')}
      </Button>
      <Tooltip title={mode}>
        <Button icon={dark ? <SunOutlined /> : <MoonOutlined />} aria-label={mode} onClick={toggle} />
      </Tooltip>
      <Tooltip title={t('app.signOut')}>
        <Button icon={<LogoutOutlined />} aria-label={t('app.signOut')} onClick={() => void out()} />
      </Tooltip>
    </Flex>
  )
}

/** Shown while the live connection is away. */
function Offline() {
  const { t } = useSpeech()
  return useConnected() ? null : <Alert banner type="warning" role="status" title={t('app.offline')} style={{ marginBottom: 16 }} />
}
