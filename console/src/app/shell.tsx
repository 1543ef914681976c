// The frame around every page: navigation, product line, and what is chosen for all of them.
import { DownOutlined, MenuOutlined } from '@ant-design/icons'
import { Alert, Button, Drawer, Dropdown, Flex, Grid, Layout, Menu, Typography } from 'antd'
import { Suspense, useRef, useState } from 'react'
import { Link, Outlet, useLocation, useNavigate, useParams } from 'react-router'
import { useLines } from '../api/lines'
import { LiveStream, useConnected } from '../api/live'
import { useSpeech } from '../i18n'
import { Failure, Loading } from '../ui/states'
import { Choices } from './choices'
import { NoSuchLine } from './home'
import { pages } from './pages'
import { useSession } from './session'

/** The product line that this page is about, from its address. */
export function useBiz(): string {
  return useParams().biz ?? ''
}

/** The frame of a product line, where there is such a one. */
export function Line() {
  const biz = useBiz()
  const lines = useLines()
  if (!lines.data) return lines.error ? <Failure error={lines.error} retry={() => void lines.refetch()} /> : <Loading />
  if (!lines.data.items?.some((l) => l.biz === biz)) return <NoSuchLine biz={biz} />
  return (
    <LiveStream biz={biz} key={biz}>
      <Framed biz={biz} />
    </LiveStream>
  )
}

function Framed({ biz }: { biz: string }) {
  const { t } = useSpeech()
  const wide = Grid.useBreakpoint().lg ?? true
  const [open, setOpen] = useState(false)
  return (
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
          <Flex align="center" justify="space-between" gap={8} style={{ paddingBlock: 10 }}>
            <Flex align="center" gap={8} style={{ minWidth: 0 }}>
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
  const lines = useLines().data?.items ?? []
  const names = Object.fromEntries(lines.map((l) => [l.biz, l.name || l.biz]))
  const button = useRef<HTMLButtonElement>(null)
  return (
    <Dropdown
      autoFocus
      trigger={['click']}
      onOpenChange={(open) => open || button.current?.focus()}
      menu={{
        selectedKeys: [biz],
        style: { maxHeight: '60vh', overflowY: 'auto' },
        items: lines.map((l) => ({ key: l.biz, label: <Typography.Text ellipsis style={{ maxWidth: 260 }} title={names[l.biz]}>{names[l.biz]}</Typography.Text> })),
        onClick: ({ key }) => void navigate(`/${key}/overview`),
      }}
    >
      <Button ref={button} icon={<DownOutlined />} iconPlacement="end" aria-label={`${t('app.line')}: ${names[biz]}`} style={{ minWidth: 0 }}>
        <Typography.Text ellipsis style={{ maxWidth: 200, minWidth: 0 }} title={names[biz]}>
          {names[biz]}
        </Typography.Text>
      </Button>
    </Dropdown>
  )
}

/** Shown while the live connection is away. */
function Offline() {
  const { t } = useSpeech()
  return useConnected() ? null : <Alert banner type="warning" role="status" title={t('app.offline')} style={{ marginBottom: 16 }} />
}
