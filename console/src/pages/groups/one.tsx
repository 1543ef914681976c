import { DownloadOutlined, InboxOutlined, ReloadOutlined } from '@ant-design/icons'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Breadcrumb, Button, Flex, Tabs } from 'antd'
import { type ReactNode, useRef, useState } from 'react'
import { Link, useLocation, useParams, useSearchParams } from 'react-router'
import { again, caughtUp, isLong, lacks } from '../../api/again'
import { late, useNews } from '../../api/changes'
import { ApiError, api, data, type Group, once } from '../../api/client'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading } from '../../ui/states'
import { Archive } from './archive'
import { ChangeMembers } from './change'
import { Facts } from './facts'
import { Members } from './members'
import { Versions } from './versions'

const patience = 60 // times that a new group is looked for

export function OneGroup() {
  const id = useParams().id ?? ''
  return <Shown key={id} id={id} /> // another group is another page
}

function Shown({ id }: { id: string }) {
  const biz = useBiz()
  const client = useQueryClient()
  const seq = useRef<string>(undefined) // of the newest event heard of this group
  const key = ['groups', biz, 'one', id]
  // A group that was made a moment ago may not be there to be read yet.
  const fresh = (useLocation().state as { fresh?: boolean } | null)?.fresh ?? false
  const group = useQuery({
    queryKey: key,
    retry: (n, e) => (e instanceof ApiError && e.status < 500 ? fresh && e.status === 404 && n < patience : n < 3),
    retryDelay: 500,
    queryFn: () => data(api.GET('/v1/{biz}/groups/{id}', { params: { path: { biz, id }, query: { min_seq: seq.current } } })),
  })
  useNews(['group'], async (heard) => {
    if (!heard.missed && !heard.ids.has(id)) return
    seq.current = heard.seq ?? seq.current
    const news = await caughtUp(biz, heard)
    await again(client, { queryKey: key, exact: true }, (q) => lacks(news, q))
    await again(client, { queryKey: [...key, 'versions'] }, (q) => !isLong(q) && lacks(news, q))
  })
  useNews(['group'], (news) => (news.missed || news.ids.has(id)) && again(client, { queryKey: [...key, 'versions'] }, (q) => isLong(q) && lacks(news, q)), late)
  if (group.isPending) return <Loading />
  if (group.error && !group.data)
    return (
      <Under biz={biz} id={id}>
        <Failure error={group.error} retry={() => void group.refetch()} />
      </Under>
    )
  return <Whole biz={biz} g={group.data} error={group.error} refresh={() => void client.invalidateQueries({ queryKey: key })} />
}

const tabs = ['change', 'members', 'versions'] as const

function Whole({ biz, g, error, refresh }: { biz: string; g: Group; error: Error | null; refresh: () => void }) {
  const { t } = useSpeech()
  const { can } = useSession()
  const id = String(g.id)
  const [params, setParams] = useSearchParams()
  const [archiving, setArchiving] = useState(false)
  const open = g.status !== 'archived'
  const local = g.subkind === 'local'
  const changeable = can('operator') && open && !local
  const [first] = useState(() => (changeable && String(g.version) === '0' ? 'change' : 'members')) // what one came for
  const tab = tabs.find((one) => one === params.get('tab') && (one !== 'change' || changeable)) ?? (first === 'change' && !changeable ? 'members' : first)
  const show = (to: string) => setParams((was) => (was.set('tab', to), was), { replace: true })
  return (
    <Under biz={biz} id={id}>
      <Page
        title={g.name}
        actions={
          <>
            <Button icon={<DownloadOutlined />} href={`/v1/${biz}/groups/${id}/members.csv`} download={`group-${id}.csv`}>{t('groups.export')}</Button>
            {can('operator') && open && local && <Rebuild biz={biz} id={id} done={refresh} />}
            {can('operator') && open && <Button icon={<InboxOutlined />} onClick={() => setArchiving(true)}>{t('groups.archive')}</Button>}
          </>
        }
      >
        {error && <Failure error={error} retry={refresh} />}
        <State g={g} />
        <Facts biz={biz} g={g} />
        <Tabs
          activeKey={tab}
          onChange={show}
          items={[
            { key: 'members', label: t('groups.members'), destroyOnHidden: true, children: <Members biz={biz} g={g} add={changeable ? () => show('change') : undefined} /> },
            ...(changeable ? [{ key: 'change', label: t('groups.upload'), forceRender: true, children: <ChangeMembers biz={biz} g={g} done={refresh} /> }] : []),
            { key: 'versions', label: t('groups.versions'), children: <Versions biz={biz} id={id} phones={g.identity === 'phone'} /> },
          ]}
        />
        {archiving && <Archive biz={biz} g={g} close={() => setArchiving(false)} done={refresh} />}
      </Page>
    </Under>
  )
}

/** Where a group is, and the way back. */
function Under({ biz, id, children }: { biz: string; id: string; children: ReactNode }) {
  const { t } = useSpeech()
  return (
    <Flex vertical gap={8}>
      <Breadcrumb items={[{ title: <Link to={`/${biz}/groups`}>{t('groups.title')}</Link> }, { title: id }]} />
      {children}
    </Flex>
  )
}

/** What an operator must know before anything else. */
function State({ g }: { g: Group }) {
  const { t } = useSpeech()
  const wrap = (text: string) => <span style={{ overflowWrap: 'anywhere' }}>{text}</span>
  if (g.status === 'failed') return <Alert type="error" showIcon role="alert" title={wrap(t('groups.failedWhy', { reason: g.reason ?? '' }))} />
  if (g.status === 'archived') return <Alert type="info" showIcon title={wrap(g.reason ? t('groups.archivedWhy', { reason: g.reason }) : t('groups.archived'))} />
  if (g.status === 'building' && g.subkind !== 'local') return <Alert type="info" showIcon title={t('groups.buildingWhat')} />
  return null
}

function Rebuild({ biz, id, done }: { biz: string; id: string; done: () => void }) {
  const { t } = useSpeech()
  const { message, notification } = App.useApp()
  const rebuild = useMutation({
    mutationFn: () => data(api.POST('/v1/{biz}/groups/{id}:rebuild', { params: { path: { biz, id }, query: { wait: '10s' }, header: once() } })),
    onSuccess: () => {
      void message.success(t('groups.rebuilding'))
      done()
    },
    onError: (e) => notification.error({ title: t('groups.rebuild'), description: e.message }),
  })
  return <Button icon={<ReloadOutlined />} loading={rebuild.isPending} onClick={() => rebuild.mutate()}>{t('groups.rebuild')}</Button>
}
