import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Card, Descriptions, Tabs } from 'antd'
import { useParams } from 'react-router'
import { api, data, type GroupVersion, once, type Page as ListPage } from '../../api/client'
import { useLive } from '../../api/live'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Failure, Loading, Nothing } from '../../ui/states'
import { Status } from '../../ui/status'
import { Rows } from '../../ui/table'
import { AddMembers } from './upload'

export function OneGroup() {
  const { t, number, time } = useSpeech()
  const { can } = useSession()
  const biz = useBiz()
  const id = useParams().id ?? ''
  const client = useQueryClient()
  const { modal } = App.useApp()
  useLive(biz, ['groups'])
  const group = useQuery({ queryKey: ['groups', biz, id], queryFn: () => data(api.GET('/v1/{biz}/groups/{id}', { params: { path: { biz, id } } })) })
  const archive = useMutation({
    mutationFn: () => data(api.POST('/v1/{biz}/groups/{id}:archive', { params: { path: { biz, id }, query: { wait: '10s' }, header: once() } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['groups', biz] }),
  })
  if (group.isPending) return <Loading />
  if (group.error) return <Failure error={group.error} retry={() => void group.refetch()} />
  const g = group.data
  const open = g.status !== 'archived'
  return (
    <Page
      title={g.name}
      actions={
        <>
          <Button href={`/v1/${biz}/groups/${id}/members.csv`}>{t('groups.export')}</Button>
          {can('operator') && open && (
            <Button danger loading={archive.isPending}
              onClick={() => void modal.confirm({ title: t('groups.archiveAsk'), okText: t('groups.archive'), onOk: () => archive.mutateAsync() })}>
              {t('groups.archive')}
            </Button>
          )}
        </>
      }
    >
      {archive.error && <Failure error={archive.error} />}
      {g.reason && <Failure error={new Error(g.reason)} />}
      <Card>
        <Descriptions
          column={{ xs: 1, sm: 2, lg: 3 }}
          items={[
            { key: 'status', label: t('groups.status'), children: <Status of={g.status} /> },
            { key: 'count', label: t('groups.count'), children: <span data-testid="count">{number(String(g.count))}</span> },
            { key: 'version', label: t('groups.version'), children: number(String(g.version)) },
            { key: 'kind', label: t('groups.kind'), children: [g.kind, g.subkind].filter(Boolean).join(' · ') },
            { key: 'identity', label: t('groups.identity'), children: t(g.identity === 'phone' ? 'groups.phone' : 'groups.user') },
            { key: 'unmatched', label: t('groups.unmatched'), children: Number(g.unmatched) ? <a href={`/v1/${biz}/groups/${id}/unmatched.csv`}>{number(String(g.unmatched))}</a> : number(0) },
            { key: 'updated', label: t('groups.updated'), children: time(g.updated_at) },
          ]}
        />
      </Card>
      <Tabs
        items={[
          ...(can('operator') && open && g.subkind !== 'local' ? [{ key: 'upload', label: t('groups.upload'), children: <AddMembers biz={biz} id={id} /> }] : []),
          { key: 'members', label: t('groups.members'), children: <Members biz={biz} id={id} /> },
          { key: 'versions', label: t('groups.versions'), children: <Versions biz={biz} id={id} /> },
        ]}
      />
    </Page>
  )
}

type Member = { user: string }

function Members({ biz, id }: { biz: string; id: string }) {
  const { t } = useSpeech()
  const list = useInfiniteQuery({
    queryKey: ['groups', biz, id, 'members'],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }): Promise<ListPage<Member>> => {
      const page = await data(api.GET('/v1/{biz}/groups/{id}/members', { params: { path: { biz, id }, query: { limit: 1000, cursor: pageParam } } }))
      return { items: (page.items ?? []).map((user) => ({ user: String(user) })), next: page.next }
    },
    getNextPageParam: (last) => last.next || undefined,
  })
  return (
    <Rows<Member> list={list} label={t('groups.members')} rowKey={(m) => m.user} empty={<Nothing text={t('groups.drop')} />}
      columns={[{ title: t('groups.user'), render: (_, m) => m.user }]} />
  )
}

function Versions({ biz, id }: { biz: string; id: string }) {
  const { t, number, time } = useSpeech()
  const list = useInfiniteQuery({
    queryKey: ['groups', biz, id, 'versions'],
    initialPageParam: undefined as string | undefined,
    queryFn: () => data(api.GET('/v1/{biz}/groups/{id}/versions', { params: { path: { biz, id } } })) as Promise<ListPage<GroupVersion>>,
    getNextPageParam: (last) => last.next || undefined,
  })
  return (
    <Rows<GroupVersion> list={list} label={t('groups.versions')} rowKey={(v) => String(v.version)} empty={<Nothing text={t('groups.versions')} />}
      columns={[
        { title: t('groups.version'), width: 90, render: (_, v) => number(String(v.version)) },
        { title: t('groups.updated'), width: 210, render: (_, v) => time(v.at) },
        { title: t('groups.count'), width: 130, align: 'right', render: (_, v) => number(String(v.count)) },
        { title: '+', width: 130, align: 'right', render: (_, v) => number(String(v.added)) },
        { title: '−', width: 130, align: 'right', render: (_, v) => number(String(v.removed)) },
      ]} />
  )
}
